import { PIECES, RETAIN } from "./pieces.ts";
import { POOL_QUEUE, TAG_QUEUES } from "./queues.ts";
import { Script } from "./script.ts";

/**
 * ARGV: rotation; retention in ms, or nothing. Answers `u`, or one of `t<name>`, `<reason><until>`, `e`
 * with a space and the instant; the only reason is `c`, a cooldown. As the busiest script it looks before it works and defines what it needs only then.
 */
export const TAKE_TURN = new Script(
  PIECES,
  `
if redis.call('HEXISTS', standings, 'loaded') == 0 then return 'u' end
local front = redis.call('ZRANGE', ready, 0, 0)[1]
local away = redis.call('ZRANGE', resting, 0, 0, 'WITHSCORES')
if not front or not away[1] then return 'u' end
if tonumber(away[2]) <= now then
  ${POOL_QUEUE}
  wake()
  front = redis.call('ZRANGE', ready, 0, 0)[1]
end
if ARGV[2] then
  ${RETAIN}
  retain(ARGV[2])
end
if front == '' then
  if away[1] == '' then return 'e ' .. at end
  return 'c' .. away[2] .. ' ' .. at
end
if ARGV[1] == 'round_robin' then
  local back = redis.call('ZREVRANGE', ready, 1, 1, 'WITHSCORES')
  if back[1] ~= front then redis.call('ZADD', ready, back[2] + 1, front) end
end
return 't' .. front .. ' ' .. at
`,
);

/** ARGV: tag, then as with `TAKE_TURN`, and so is the answer. */
export const TAKE_TAG_TURN = new Script(
  PIECES,
  TAG_QUEUES,
  RETAIN,
  `
local tag = ARGV[1]
if redis.call('HEXISTS', standings, 'loaded') == 0 then return 'u' end
if ARGV[3] then retain(ARGV[3]) end
wake_tag(tag)
local place = first_place(tag, 'r')
if not place then
  local away = first_place(tag, 'z')
  if away then return 'c' .. string.format('%.0f', number_of(away, tag)) .. ' ' .. at end
  if redis.call('EXISTS', tagged) == 0 then return 'u' end
  return 'e ' .. at
end
local name = name_of(place, tag)
if ARGV[2] == 'round_robin' and last_place(tag) ~= place then
  redis.call('ZREM', tagged, place)
  join_tag(name, tag)
end
return 't' .. name .. ' ' .. at
`,
);
