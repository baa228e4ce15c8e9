/** Many times what a team owns, and few enough that the answer, a line for each, stays small. */
export const MOST_ROWS = 200_000;
/** Six for each of the most rows, with some to spare; parsed, they take about 200 MB at most. */
export const MOST_VALUES = 1_500_000;

export const TOO_MANY_ROWS = `must hold at most ${MOST_ROWS} keys`;
