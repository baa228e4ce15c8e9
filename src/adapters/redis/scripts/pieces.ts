import { OVERTAKING_MS } from "../../../domain/index.ts";

/** The names of a pool's pieces, in the order of KEYS, and the instant of the script by the one clock. */
export const PIECES = `
local standings, ready, resting, tagged = KEYS[1], KEYS[2], KEYS[3], KEYS[4]
local time = redis.call('TIME')
local now = time[1] * 1000 + math.floor(time[2] / 1000)
local at = string.format('%.0f', now)
`;

/**
 * Makes sure that all pieces are there. If one was lost, the pool is no longer known and gets another birth:
 * without standings no key could be taken out of its queues.
 */
export const OPEN = `
local function open()
  if redis.call('EXISTS', standings, ready, resting, tagged) == 4 then return end
  if redis.call('EXISTS', standings) == 0 then redis.call('DEL', ready, resting, tagged) end
  redis.call('HDEL', standings, 'loaded')
  redis.call('HSET', standings, 'born', time[1] .. '.' .. time[2])
  redis.call('ZADD', ready, '+inf', '')
  redis.call('ZADD', resting, '+inf', '')
  redis.call('ZADD', tagged, 0, '')
end
`;

/** Extends the expiry of all pieces together: to one instant, since Redis' clock goes on while a script runs. */
export const RETAIN = `
local function retain(ms)
  local expiry = string.format('%.0f', now + ms)
  for _, key in ipairs(KEYS) do redis.call('PEXPIREAT', key, expiry) end
end
`;

/** A held key is `rank|seat tag`: seat `i` in its queues or `o` out of them, the tag as JSON or nothing. */
export const HELD = `
local function parts(value)
  if value then return value:match('^([^|]*)|(.)(.*)$') end
end
local function held(name) return parts(redis.call('HGET', standings, name)) end
local function told(rank, seat)
  if seat == 'o' then return 'o' .. rank end
  return rank
end
local function hold(name, rank, seat, tag)
  redis.call('HSET', standings, name, rank .. '|' .. seat .. tag)
end
`;

/**
 * The newest placement of a key in this pool and when it was given, `placement instant` in a field of its own. It
 * outlives the key's seat. A key that has stayed in its first place has none.
 */
export const PLACEMENT = `
local function is_overtaken(newest, placement)
  if not newest then return false end
  local number, given_at = newest:match('^(%d+) (%d+)$')
  return tonumber(placement) < tonumber(number) and now - given_at < ${OVERTAKING_MS}
end
local function note_placement(name, newest, placement)
  if newest and newest:match('^%d+') == placement then return end
  if newest or placement ~= '0' then
    redis.call('HSET', standings, '~' .. name, placement .. ' ' .. at)
  end
end
`;

/** Why a key is not held: `-` when the pool is known and the key not in it, `?` when the pool is not known. */
export const ABSENT = `
local function absent()
  if redis.call('HEXISTS', standings, 'loaded') == 0 then return '?' end
  return redis.call('EXISTS', standings, ready, resting, tagged) == 4 and '-' or '?'
end
`;

/** The rank order of the domain's merge. */
export const MERGE = `
local function higher(a, b)
  if a == b then return a end
  local others = b:gmatch('[^,]+')
  for part in a:gmatch('[^,]+') do
    local difference = part - others()
    if difference ~= 0 then return difference > 0 and a or b end
  end
  return a
end
`;
