import { REMOVED } from "../../../domain/index.ts";
import { BRING_BACK, COURSE, LEASE_LIST, LEASE_QUEUES, LEASES_OF } from "./lease-queues.ts";
import { ABSENT, HELD, MERGE, OPEN, PIECES, PLACEMENT, RETAIN } from "./pieces.ts";
import { PLACES, POOL_QUEUE, TAG_QUEUES } from "./queues.ts";
import { Script } from "./script.ts";

const QUEUES = POOL_QUEUE + TAG_QUEUES + LEASE_QUEUES + PLACES;

/**
 * ARGV: name. Answers the instant, a space and the rank, behind an `o` where the key has left, or why there is
 * none: `-` or `?`.
 */
export const READ_STANDING = new Script(
  PIECES,
  HELD,
  ABSENT,
  `
local rank, seat = held(ARGV[1])
return at .. ' ' .. (rank and told(rank, seat) or absent())
`,
);

/** ARGV: name, expected rank, next rank, retention in ms. Answers `1` if it was replaced, else `0`. */
export const REPLACE_STANDING = new Script(
  PIECES,
  OPEN,
  RETAIN,
  HELD,
  QUEUES,
  `
local name, expected, next = ARGV[1], ARGV[2], ARGV[3]
local rank, seat, tag = held(name)
if rank ~= expected then return '0' end
open()
hold(name, next, seat, tag)
if seat == 'i' then
  wake()
  requeue(name, next, tag)
end
retain(ARGV[4])
return '1'
`,
);

/**
 * ARGV: whether keys that had left join again (`1` or `0`), retention in ms, then of each seat name, rank, tag, placement,
 * limit, with a space behind each the names and deadlines of leases that come along, and the seat it takes. Answers the
 * pool's birth.
 */
export const PUT_SEATS = new Script(
  PIECES,
  OPEN,
  RETAIN,
  HELD,
  PLACEMENT,
  MERGE,
  QUEUES,
  COURSE,
  LEASE_LIST,
  BRING_BACK,
  `
open()
for i = 3, #ARGV, 7 do
  if ARGV[i + 5] ~= '' then
    open_list()
    for lease, ends in ARGV[i + 5]:gmatch('(%S+) (%S+) ') do bring_back(lease, ARGV[i], ends) end
  end
end
wake()
for i = 3, #ARGV, 7 do
  local name, rank, tag, placement, limit = ARGV[i], ARGV[i + 1], ARGV[i + 2], ARGV[i + 3], ARGV[i + 4]
  local next_seat = ARGV[i + 6]
  local found = redis.call('HMGET', standings, name, '~' .. name, '$' .. name)
  local newest = found[2]
  local held_rank, seat, held_tag = parts(found[1])
  if seat ~= 'o' or ARGV[1] == '1' then
    if held_rank then rank = higher(held_rank, rank) end
    if not is_overtaken(newest, placement) then
      note_placement(name, newest, placement)
      if held_tag ~= tag then leave_tag(name) end
      hold(name, rank, next_seat, tag)
      if next_seat == 'i' then requeue(name, rank, tag) else leave(name) end
      if limit ~= (found[3] or '') then
        if limit == '' then redis.call('HDEL', standings, '$' .. name) end
        if limit ~= '' then redis.call('HSET', standings, '$' .. name, limit) end
        stand_aside(name, false)
      end
    elseif held_rank and rank ~= held_rank then
      hold(name, rank, seat, held_tag)
      if seat == 'i' then requeue(name, rank, held_tag) end
    end
  end
end
retain(ARGV[2])
return redis.call('HGET', standings, 'born')
`,
);

/**
 * ARGV: retention in ms, then name and rank of each seat. Answers the instant, then for each seat a space and
 * the rank that is held now, or why there is none, as with `READ_STANDING`.
 */
export const FOLLOW_SEATS = new Script(
  PIECES,
  OPEN,
  RETAIN,
  HELD,
  MERGE,
  ABSENT,
  QUEUES,
  `
local answer, changed = { at }, false
for i = 2, #ARGV, 2 do
  local name = ARGV[i]
  local rank, seat, tag = held(name)
  if rank then
    local merged = higher(rank, ARGV[i + 1])
    if merged ~= rank then
      if not changed then
        open()
        wake()
        changed = true
      end
      hold(name, merged, seat, tag)
      if seat == 'i' then requeue(name, merged, tag) end
    end
    answer[#answer + 1] = told(merged, seat)
  else
    answer[#answer + 1] = absent()
  end
end
if changed then retain(ARGV[1]) end
return table.concat(answer, ' ')
`,
);

/** ARGV: the birth of the pool when its load began; retention in ms. A pool that was lost since has another one. */
export const MARK_LOADED = new Script(
  PIECES,
  OPEN,
  RETAIN,
  TAG_QUEUES,
  LEASE_QUEUES,
  COURSE,
  LEASE_LIST,
  `
open()
open_list()
if redis.call('HGET', standings, 'born') == ARGV[1] then
  redis.call('HSET', standings, 'loaded', '1')
end
retain(ARGV[2])
return ''
`,
);

/** ARGV: name. */
export const LEAVE_QUEUES = new Script(
  PIECES,
  HELD,
  QUEUES,
  `
local rank, _, tag = held(ARGV[1])
leave(ARGV[1])
if rank then hold(ARGV[1], rank, 'o', tag) end
return ''
`,
);

/** ARGV: name. */
export const LEAVE_TAG = new Script(
  PIECES,
  HELD,
  QUEUES,
  `
local rank, seat = held(ARGV[1])
if rank then
  leave_tag(ARGV[1])
  hold(ARGV[1], rank, seat, '')
end
return ''
`,
);

/**
 * ARGV: name, placement, retention in ms. Answers the rank the key had, or nothing when it was not held, and behind it the
 * leases of it that run, as `leases_of` does, which looks at all of the pool; not of one that is removed.
 */
export const DROP_SEAT = new Script(
  PIECES,
  OPEN,
  RETAIN,
  HELD,
  PLACEMENT,
  QUEUES,
  LEASES_OF,
  `
local name, placement = ARGV[1], ARGV[2]
open()
local found = redis.call('HMGET', standings, name, '~' .. name)
if is_overtaken(found[2], placement) then return '' end
note_placement(name, found[2], placement)
retain(ARGV[3])
local rank = parts(found[1])
local leases_here = placement == '${REMOVED}' and '' or leases_of(name)
if not rank then return leases_here end
leave(name)
redis.call('HDEL', standings, name, '$' .. name)
return rank .. leases_here
`,
);
