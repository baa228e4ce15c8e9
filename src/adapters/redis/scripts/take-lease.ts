import { BRING_BACK, COURSE, FIND_LEASE, LEASE_LIST, LEASE_QUEUES } from "./lease-queues.ts";
import { HELD, OPEN, PIECES, PLACEMENT, RETAIN } from "./pieces.ts";
import { TAG_QUEUES } from "./queues.ts";
import { Script } from "./script.ts";

/**
 * ARGV: tag or nothing; with a space behind each: rotation, ms for which a new list settles, whether turns have just been
 * listed (`1` or `0`), the list that was seen or nothing; retention in ms or nothing; with a space behind each, the id and
 * ms of each lease. One text costs its client less than many. Answers `t<instant> <list>`, with a space before each the
 * name of the key for each lease, as far as there were keys, and then, where not all got one, after a line break, or alone
 * where none did: `u`; `x`, if turns have to be listed first; `m`, if there is more to do than one call may, and the next
 * goes on; `o<list>`; or, with a space and the instant behind, one of `b<until>` if all are at their limit,
 * `<reason><until>`, `e`.
 */
export const TAKE_LEASES = new Script(
  PIECES,
  COURSE,
  `
local leases, leasing, counts = KEYS[5], KEYS[6], KEYS[7]
local tag = ARGV[1] ~= '' and ARGV[1]
local rotation, settle, listed, seen = ARGV[2]:match('^(%S+) (%S+) (%S+) (%S*)')
local known = redis.call('HMGET', standings, 'loaded', 'list', 'leasing')
if not known[1] then return 'u' end
local list = known[2]
local first = redis.call('ZRANGE', leases, 0, 0, 'WITHSCORES')
local is_whole = list and first[1] and redis.call('HGET', counts, 'list') == list and is_of_now(list)
local ids, ends, instants = {}, {}, {}
for id, ttl in ARGV[4]:gmatch('(%S+) (%S+) ') do
  if not instants[ttl] then instants[ttl] = string.format('%.0f', now + ttl) end
  ids[#ids + 1], ends[#ends + 1] = id, instants[ttl]
end
local settled_at
local function settled()
  if not settled_at then
    local seconds, micros = list:match('^(%d+)%.(%d+)%.')
    settled_at = seconds * 1000 + math.floor(micros / 1000) + settle
  end
  return settled_at
end
local taken, full = {}, {}
local function answer(none)
  if #taken == 0 then return none end
  return 't' .. at .. ' ' .. list .. ' ' .. table.concat(taken, ' ') .. (none and '\\n' .. none or '')
end
`,
  // Nearly all leases are of keys in front that may be leased. Those are taken together, and before the rest is so much as
  // defined.
  `
local may_be = {}
local function may_be_leased(standing)
  if may_be[standing] == nil then
    local disabled, back_at, seat = standing:match('^[^,]+,([^,]+),([^,|]+)[^|]*|(.)')
    may_be[standing] = seat == 'i' and disabled == '0' and tonumber(back_at) <= now
  end
  return may_be[standing]
end
local function take_fronts()
  local most = rotation == 'round_robin' and #ids - #taken or 1
  local names = redis.call('ZRANGEBYSCORE', leasing, '-inf', '(1e14', 'LIMIT', 0, most)
  if #names == 0 then return false end
  local fields = {}
  for i, name in ipairs(names) do fields[2 * i - 1], fields[2 * i] = name, '$' .. name end
  local found = redis.call('HMGET', standings, unpack(fields))
  local running = redis.call('HMGET', counts, unpack(names))
  local given, places, more = 0, {}, {}
  for i, name in ipairs(names) do
    local standing, limit = found[2 * i - 1], tonumber(found[2 * i] or nil)
    local count = (running[i] or 0) + 1
    if not standing or not may_be_leased(standing) then break end
    if limit and (count > limit or settled() > now) then break end
    given, taken[#taken + 1] = i, name
    places[2 * i - 1], places[2 * i] = ends[#taken], name .. '.' .. ids[#taken]
    more[2 * i - 1], more[2 * i] = name, count
    if limit == count then full[#full + 1] = name end
  end
  if given == 0 then return false end
  redis.call('ZADD', leases, unpack(places))
  redis.call('HSET', counts, unpack(more))
  if rotation == 'round_robin' then
    local last, turns = redis.call('HINCRBY', standings, 'turn', given), {}
    for i = 1, given do turns[2 * i - 1], turns[2 * i] = last - given + i, names[i] end
    redis.call('ZADD', leasing, unpack(turns))
  end
  return true
end
if is_whole and (seen == '' or seen == list) and ARGV[3] == '' and known[3] == '1' and not tag
  and tonumber(first[2]) > now and #redis.call('ZRANGEBYSCORE', leasing, 2e14, 2e14 + now, 'LIMIT', 0, 1) == 0
  and take_fronts() and #taken == #ids and #full == 0 then
  return answer()
end
`,
  RETAIN,
  HELD,
  TAG_QUEUES,
  LEASE_QUEUES,
  LEASE_LIST,
  `
if not is_whole then
  list = open_list()
  known[3] = redis.call('HGET', standings, 'leasing')
end
if seen ~= '' and seen ~= list then return 'o' .. list end
if ARGV[3] ~= '' then retain(ARGV[3]) end
if known[3] ~= '1' then return 'x' end
if tonumber(first[2]) <= now and not run_out() then return 'm' end
wake_leases(tag)
local function set_full_aside()
  for _, name in ipairs(full) do stand_aside(name, true) end
  full = {}
end
`,
  `
-- While the list settles, keys with a limit are passed over, and keep their turns.
local passes, from, is_settling = 500, 0, false
local function first_free()
  while passes > 0 do
    local names, turns = turns_in_front(tag, from, 50)
    if #names == 0 then return end
    local fields = {}
    for i, name in ipairs(names) do fields[i] = '$' .. name end
    local limits = redis.call('HMGET', standings, unpack(fields))
    for i, name in ipairs(names) do
      if not limits[i] then return name, turns[i] end
      passes, from = passes - 1, turns[i] + 1
    end
  end
end
local function front()
  if is_settling then return first_free() end
  local name, turn = first_turn(tag, 0)
  if name and turn < AT_LIMIT then return name, turn end
end
local looks = 500
local function take_front()
  local name, turn = front()
  while name do
    if looks == 0 then return 'm' end
    local found = redis.call('HMGET', standings, name, '$' .. name)
    local rank, seat, held_tag = parts(found[1])
    local limit = tonumber(found[2] or nil)
    local disabled, back_at
    if rank then disabled, back_at = rank:match('^[^,]+,([^,]+),([^,]+)') end
    if not rank or seat ~= 'i' or disabled ~= '0' or (tag and held_tag ~= tag) then
      end_turn(name, tag)
    elseif now < tonumber(back_at) then
      set_turn(name, tag, AWAY + math.ceil(back_at))
    else
      local count = count_of(name)
      if limit and count >= limit then
        set_turn(name, tag, turn + AT_LIMIT)
      elseif limit and now < settled() then
        is_settling = true
      else
        taken[#taken + 1] = name
        add_lease(name .. '.' .. ids[#taken], name, ends[#taken])
        if rotation == 'round_robin' then set_turn(name, tag, next_lease_turn()) end
        if limit and count + 1 >= limit then stand_aside(name, true) end
        return
      end
    end
    looks = looks - 1
    name, turn = front()
  end
  local away, back = first_turn(tag, AWAY)
  if away and back - AWAY <= now then return 'm' end
  if listed == '0' then
    local places = function(kind) return redis.call('ZLEXCOUNT', tagged, '[' .. tag .. kind, '(' .. tag .. kind .. ':') end
    local queued = redis.call('ZCARD', ready) + redis.call('ZCARD', resting) - 1
    if queued > redis.call('ZCARD', leasing) then return 'x' end
    if tag and places('r') + places('z') > places('l') then return 'x' end
  end
  local room_at = is_settling and settled()
  if not room_at then
    name, turn = first_turn(tag, 0)
    if not name then
      return redis.call('EXISTS', standings, ready, resting, tagged) == 4 and 'e ' .. at or 'u'
    end
    if turn >= AWAY then return 'c' .. string.format('%.0f', turn - AWAY) .. ' ' .. at end
    room_at = tonumber(redis.call('ZRANGE', leases, 0, 0, 'WITHSCORES')[2])
  end
  if back and back - AWAY < room_at then room_at = back - AWAY end
  return 'b' .. string.format('%.0f', room_at) .. ' ' .. at
end

local none
set_full_aside()
while #taken < #ids and not none do
  if tag or is_settling or not take_fronts() then none = take_front() end
  set_full_aside()
end
return answer(none)
`,
);

/**
 * ARGV: where to look, `resting` and then `ready`, and a cursor. Gives the keys of a pool turns for leases, some at
 * a time, in the order in which they wait; answers the next cursor.
 */
export const LIST_TURNS = new Script(
  PIECES,
  HELD,
  TAG_QUEUES,
  LEASE_QUEUES,
  `
local is_away = ARGV[1] == 'resting'
local function list(name, tag, turn)
  local now_at = lease_turn(name, tag)
  if now_at and (now_at < AT_LIMIT or now_at >= AWAY) then return end
  set_turn(name, tag, turn)
  if turn >= AWAY or turn <= tonumber(redis.call('HGET', standings, 'turn') or 0) then return end
  redis.call('HSET', standings, 'turn', string.format('%.0f', turn))
end
if redis.call('EXISTS', standings) == 0 then return '0' end
redis.call('HSETNX', standings, 'leasing', '0')
if redis.call('ZADD', leasing, '+inf', '') == 1 then expire_together() end
local found = is_away and redis.call('ZSCAN', resting, ARGV[2], 'COUNT', 200)
  or redis.call('ZSCAN', ready, ARGV[2], 'COUNT', 200)
for i = 1, #found[2], 2 do
  local name, number = found[2][i], tonumber(found[2][i + 1])
  local rank, _, tag = held(name)
  if rank then
    list(name, nil, is_away and AWAY + math.ceil(number) or number)
    local place = tag ~= '' and redis.call('HGET', standings, '@' .. name)
    if place then
      local is_ready = place:sub(#tag + 1, #tag + 1) == 'r'
      list(name, tag, number_of(place, tag) + (is_ready and 0 or AWAY))
    end
  end
end
if not is_away and found[1] == '0' then redis.call('HSET', standings, 'leasing', '1') end
return found[1]
`,
);

/** ARGV: the lease's name, ms from now on, the list that was seen or nothing. Answers `-`, `o<list>` or `t<until> <list>`. */
export const RENEW_LEASE = new Script(
  PIECES,
  TAG_QUEUES,
  LEASE_QUEUES,
  COURSE,
  LEASE_LIST,
  FIND_LEASE,
  `
local list, why = find(ARGV[1], ARGV[3])
if not list then return why end
local key = redis.call('HMGET', standings, 'loaded', ARGV[1]:match('^[^.]+'))
if key[1] and not key[2] then return '-' end
local ends = string.format('%.0f', now + ARGV[2])
redis.call('ZADD', leases, ends, ARGV[1])
return 't' .. ends .. ' ' .. list
`,
);

/** ARGV: the lease's name, its key's, the list that was seen or nothing. Answers `-`, `o<list>`, `f` if the key was at its limit, or `r`. */
export const END_LEASE = new Script(
  PIECES,
  TAG_QUEUES,
  LEASE_QUEUES,
  COURSE,
  LEASE_LIST,
  FIND_LEASE,
  `
local list, why = find(ARGV[1], ARGV[3])
if not list then return why end
run_out()
local limit = redis.call('HGET', standings, '$' .. ARGV[2])
local had_no_room = limit and count_of(ARGV[2]) >= tonumber(limit)
end_lease(ARGV[1])
return had_no_room and 'f' or 'r'
`,
);

/** ARGV: retention in ms, then name, key's name and deadline of each lease. Answers the list. */
export const RESTORE_LEASES = new Script(
  PIECES,
  OPEN,
  RETAIN,
  TAG_QUEUES,
  LEASE_QUEUES,
  COURSE,
  LEASE_LIST,
  BRING_BACK,
  `
open()
local list = open_list()
for i = 2, #ARGV, 3 do bring_back(ARGV[i], ARGV[i + 1], ARGV[i + 2]) end
retain(ARGV[1])
return list
`,
);

/**
 * ARGV: the lease's name, its key's, placement. Answers `1` if it ran here, else `0`. It stays until it would have run out,
 * as a lease of a key that nobody has, whose name begins with `>`; as it is, where the key has come back since.
 */
export const CARRY_OFF_LEASE = new Script(
  PIECES,
  PLACEMENT,
  TAG_QUEUES,
  LEASE_QUEUES,
  `
local lease, name = '>' .. ARGV[1], '>' .. ARGV[2]
local function end_of(lease)
  local ends = redis.call('ZSCORE', leases, lease)
  if ends and tonumber(ends) > now then return ends end
end
local ends = end_of(ARGV[1])
if ends and is_overtaken(redis.call('HGET', standings, '~' .. ARGV[2]), ARGV[3]) then return '1' end
if not ends then return end_of(lease) and '1' or '0' end
end_lease(ARGV[1])
-- One that had come back is carried off again.
if redis.call('ZREM', leases, lease) == 1 then fewer({ lease }) end
add_lease(lease, name, ends)
return '1'
`,
);

/**
 * ARGV: the list, then name and deadline of each lease. Answers `o<list>`; or `k` and a letter for each: `r` where it runs,
 * now until the later of both deadlines, `c` where it was carried off, `-` where it has ended.
 */
export const KEEP_LEASES = new Script(
  PIECES,
  TAG_QUEUES,
  LEASE_QUEUES,
  COURSE,
  LEASE_LIST,
  `
local list = whole_list()
if ARGV[1] ~= list then return 'o' .. (list or '') end
local answer = { 'k' }
for i = 2, #ARGV, 2 do
  local running = tonumber(redis.call('ZSCORE', leases, ARGV[i]) or 0)
  if running > now and running < tonumber(ARGV[i + 1]) then redis.call('ZADD', leases, ARGV[i + 1], ARGV[i]) end
  if running > now then answer[#answer + 1] = 'r'
  else
    local carried = tonumber(redis.call('ZSCORE', leases, '>' .. ARGV[i]) or 0)
    answer[#answer + 1] = carried > now and 'c' or '-'
  end
end
return table.concat(answer)
`,
);

/** Answers the list, or nothing. */
export const READ_LIST = new Script(
  PIECES,
  TAG_QUEUES,
  LEASE_QUEUES,
  COURSE,
  LEASE_LIST,
  `return whole_list() or ''`,
);

/** ARGV: names. Answers how many leases each has, with spaces between; `m` if there is more to count off than one call may. */
export const COUNT_LEASES = new Script(
  PIECES,
  TAG_QUEUES,
  LEASE_QUEUES,
  `
if not run_out() then return 'm' end
local counts = {}
for i, name in ipairs(ARGV) do counts[i] = string.format('%.0f', count_of(name)) end
return table.concat(counts, ' ')
`,
);
