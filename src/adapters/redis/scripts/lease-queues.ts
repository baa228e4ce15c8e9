/**
 * Who may be leased, and what runs. `leases` has the leases by the instant they run out, `counts` how many each key
 * has; `leasing` has the keys by the turn of their next lease. A turn that is `AT_LIMIT` higher stands aside,
 * and so does, from `AWAY` on, the instant at which a key comes back. The queues of tags are places in `tagged`, of
 * kind `l` and with the same numbers. Turns are kept from the first lease on: most pools are not asked for one. A script
 * wakes no more than 500 of those that are back, and counts off no more than 1,000 leases that have run out, for Redis runs
 * nothing else meanwhile; the next one goes on. Counts are right once `run_out` answers that none is left.
 */
export const LEASE_QUEUES = `
local leases, leasing, counts = KEYS[5], KEYS[6], KEYS[7]
local AT_LIMIT, AWAY = 1e14, 2e14
local keeps_turns
local function keeps()
  if keeps_turns == nil then keeps_turns = redis.call('HEXISTS', standings, 'leasing') == 1 end
  return keeps_turns
end
local function next_lease_turn() return redis.call('HINCRBY', standings, 'turn', 1) end
local function lease_place(name) return redis.call('HGET', standings, '%' .. name) end
local function lease_number(place, name) return tonumber(place:sub(-#name - 16, -#name - 1)) end
local function lease_turn(name, tag)
  if not tag then return tonumber(redis.call('ZSCORE', leasing, name) or nil) end
  local place = lease_place(name)
  if not place or place:sub(1, -#name - 18) ~= tag then return end
  if redis.call('ZSCORE', tagged, place) then return lease_number(place, name) end
end
local function end_turn(name, tag)
  if not tag then return redis.call('ZREM', leasing, name) end
  local place = lease_place(name)
  if not place then return end
  redis.call('ZREM', tagged, place)
  redis.call('HDEL', standings, '%' .. name)
end
local function set_turn(name, tag, turn)
  if not tag then return redis.call('ZADD', leasing, turn, name) end
  end_turn(name, tag)
  local place = tag .. 'l' .. string.format('%016.0f', turn) .. name
  redis.call('ZADD', tagged, 0, place)
  redis.call('HSET', standings, '%' .. name, place)
end
local function first_turn(tag, from)
  if not tag then
    local found = redis.call('ZRANGEBYSCORE', leasing, from, '(+inf', 'WITHSCORES', 'LIMIT', 0, 1)
    return found[1], tonumber(found[2])
  end
  local range = { '[' .. tag .. 'l' .. string.format('%016.0f', from), '(' .. tag .. 'l:' }
  local place = redis.call('ZRANGEBYLEX', tagged, range[1], range[2], 'LIMIT', 0, 1)[1]
  if place then return name_of(place, tag), number_of(place, tag) end
end
local function turns_in_front(tag, from, most)
  local names, turns = {}, {}
  if not tag then
    local found = redis.call('ZRANGEBYSCORE', leasing, from, '(1e14', 'WITHSCORES', 'LIMIT', 0, most)
    for i = 1, #found, 2 do names[#names + 1], turns[#turns + 1] = found[i], tonumber(found[i + 1]) end
    return names, turns
  end
  local range = { '[' .. tag .. 'l' .. string.format('%016.0f', from), '(' .. tag .. 'l' .. string.format('%016.0f', AT_LIMIT) }
  for i, place in ipairs(redis.call('ZRANGEBYLEX', tagged, range[1], range[2], 'LIMIT', 0, most)) do
    names[i], turns[i] = name_of(place, tag), number_of(place, tag)
  end
  return names, turns
end
local wakings = 500
local function leases_due(tag)
  if not tag then return redis.call('ZRANGEBYSCORE', leasing, AWAY, AWAY + now, 'LIMIT', 0, wakings) end
  local function from(turn) return tag .. 'l' .. string.format('%016.0f', turn) end
  return redis.call('ZRANGEBYLEX', tagged, '[' .. from(AWAY), '(' .. from(AWAY + now + 1), 'LIMIT', 0, wakings)
end
local function wake_leases(tag)
  local due = leases_due(tag)
  if #due == 0 then return end
  wakings = wakings - #due
  local first = redis.call('HINCRBY', standings, 'turn', #due) - #due + 1
  if tag then return line_up_anew(due, tag, 'l', '%', first) end
  local places = {}
  for i, name in ipairs(due) do places[2 * i - 1], places[2 * i] = first + i - 1, name end
  redis.call('ZADD', leasing, unpack(places))
end
local function line_up_lease(name, tag, is_away, back_at)
  wake_leases(tag)
  local turn = lease_turn(name, tag)
  local away = AWAY + math.ceil(back_at)
  if is_away then
    if turn ~= away then set_turn(name, tag, away) end
  elseif not turn or turn >= AWAY then
    set_turn(name, tag, next_lease_turn())
  end
end
local function stand_aside(name, is_at_limit)
  if not keeps() then return end
  local step = is_at_limit and AT_LIMIT or -AT_LIMIT
  local function is_due(turn) return turn and turn < AWAY and (turn < AT_LIMIT) == is_at_limit end
  local turn, place = lease_turn(name), lease_place(name)
  if is_due(turn) then set_turn(name, nil, turn + step) end
  if place and is_due(lease_number(place, name)) then
    set_turn(name, place:sub(1, -#name - 18), lease_number(place, name) + step)
  end
end
-- The pieces of a pool expire together, also one that is made later.
local function expire_together()
  local left = redis.call('PTTL', standings)
  if left <= 0 then return end
  local expiry = string.format('%.0f', now + left)
  for _, key in ipairs(KEYS) do redis.call('PEXPIREAT', key, expiry) end
end
local function count_of(name) return tonumber(redis.call('HGET', counts, name) or 0) end
local function add_lease(lease, name, ends)
  redis.call('ZADD', leases, ends, lease)
  redis.call('HINCRBY', counts, name, 1)
end
local function fewer(ended)
  local names, limit_names, less = {}, {}, {}
  for _, lease in ipairs(ended) do
    local name = lease:match('^[^.]+')
    if not less[name] then
      names[#names + 1] = name
      limit_names[#names] = '$' .. name
    end
    less[name] = (less[name] or 0) + 1
  end
  local running = redis.call('HMGET', counts, unpack(names))
  local limits = redis.call('HMGET', standings, unpack(limit_names))
  local left, none = {}, {}
  for i, name in ipairs(names) do
    local before = tonumber(running[i] or 0)
    if before > less[name] then
      left[#left + 1] = name
      left[#left + 1] = before - less[name]
    else
      none[#none + 1] = name
    end
    if limits[i] and before >= tonumber(limits[i]) then stand_aside(name, false) end
  end
  if #left > 0 then redis.call('HSET', counts, unpack(left)) end
  if #none > 0 then redis.call('HDEL', counts, unpack(none)) end
end
local function end_lease(lease)
  redis.call('ZREM', leases, lease)
  fewer({ lease })
end
local function run_out()
  for _ = 1, 2 do
    local over = redis.call('ZRANGEBYSCORE', leases, '-inf', at, 'LIMIT', 0, 500)
    if #over > 0 then
      redis.call('ZREMRANGEBYRANK', leases, 0, #over - 1)
      fewer(over)
    end
    if #over < 500 then return true end
  end
  return #redis.call('ZRANGEBYSCORE', leases, '-inf', at, 'LIMIT', 0, 1) == 0
end
`;

/**
 * The course that the data takes is the run of the server: another one after each restart and after a replica has become
 * the master, for that may be at an older state. A new replica or a backup leaves it as it is, but not the id of the
 * replication. Nothing where the server does not tell.
 */
export const COURSE = `
local course
local function course_now()
  if not course then
    local info = redis.pcall('INFO', 'server')
    course = type(info) == 'string' and info:match('run_id:(%x+)') or ''
  end
  return course
end
local function is_of_now(list) return list:match('%.(%x*)$') == course_now() end
`;

/**
 * The list of leases, made anew where it is not whole; then all keys have room, and their turns are kept anew. One of
 * another course is as it was at some time: what is in it counts, and it gets another name, so that what it lacks is
 * brought back.
 */
export const LEASE_LIST = `
local function name_list()
  local list = time[1] .. '.' .. time[2] .. '.' .. course_now()
  redis.call('HSET', standings, 'list', list)
  redis.call('HSET', counts, 'list', list)
  return list
end
local function list_of_any_course()
  local list = redis.call('HGET', standings, 'list')
  if list and redis.call('HGET', counts, 'list') == list and redis.call('ZSCORE', leases, '') then return list end
end
local function whole_list()
  local list = list_of_any_course()
  if list and not is_of_now(list) then list = name_list() end
  return list
end
local function open_list()
  local list = whole_list()
  if list then return list end
  redis.call('DEL', leases, leasing, counts)
  redis.call('HDEL', standings, 'leasing')
  redis.call('ZADD', leases, '+inf', '')
  list = name_list()
  expire_together()
  return list
end
`;

/** The leases of a key that run: of each a space, its name, a space and its deadline. Looks at all leases of the pool. */
export const LEASES_OF = `
local function leases_of(name)
  if count_of(name) == 0 then return '' end
  local words = { '' }
  local all = redis.call('ZRANGEBYSCORE', leases, '(' .. at, '(+inf', 'WITHSCORES')
  for i = 1, #all, 2 do
    if all[i]:match('^[^.]+') == name then
      words[#words + 1] = all[i]
      words[#words + 1] = all[i + 1]
    end
  end
  return table.concat(words, ' ')
end
`;

/** Brings a lease back that the list lacks; of one that it has, the later deadline counts. */
export const BRING_BACK = `
local function bring_back(lease, name, ends)
  if tonumber(ends) <= now then return end
  local running = redis.call('ZSCORE', leases, lease)
  if not running then
    add_lease(lease, name, ends)
    -- It has come back from where it was carried off to.
    if redis.call('ZREM', leases, '>' .. lease) == 1 then fewer({ '>' .. lease }) end
  elseif tonumber(running) < tonumber(ends) then
    redis.call('ZADD', leases, ends, lease)
  end
end
`;

/**
 * The list, if a lease runs in it; otherwise the answer: `o<list>` where the caller has seen another one, or `-`. Only what
 * is missing gives cause to look whether this is an older state.
 */
export const FIND_LEASE = `
local function find(lease, seen)
  local list = list_of_any_course()
  local runs = list and tonumber(redis.call('ZSCORE', leases, lease) or 0) > now
  if not runs then list = whole_list() end
  if seen ~= '' and seen ~= list then return nil, 'o' .. (list or '') end
  if not runs then return nil, '-' end
  return list
end
`;
