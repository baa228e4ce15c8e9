/**
 * The pool's own queue. Turns are whole numbers, one more for each place at the back; at a million hand-outs
 * a second they stay exact for 285 years, and restart whenever the queue is empty.
 */
export const POOL_QUEUE = `
local last_turn
local function next_turn()
  last_turn = (last_turn or redis.call('ZREVRANGE', ready, 1, 1, 'WITHSCORES')[2] or 0) + 1
  return last_turn
end
local function wake()
  repeat
    local due = redis.call('ZRANGEBYSCORE', resting, '-inf', at, 'LIMIT', 0, 500)
    if #due > 0 then
      local places = {}
      for i, name in ipairs(due) do
        places[2 * i - 1] = next_turn()
        places[2 * i] = name
      end
      redis.call('ZADD', ready, unpack(places))
      redis.call('ZREMRANGEBYRANK', resting, 0, #due - 1)
    end
  until #due < 500
end
`;

/**
 * The queues of all tags of a pool share one sorted set in byte order, so that no script needs a key whose
 * name it learns from data. A place is `tag kind number name`: kind `r` with the turn for a key that is
 * ready, `z` with the instant it comes back for one that is away. The tag is JSON and ends where its quotes do.
 * `line_up_anew` gives places of one tag, in their order, the numbers from `first` on.
 */
export const TAG_QUEUES = `
local function first_place(tag, kind)
  return redis.call('ZRANGEBYLEX', tagged, '[' .. tag .. kind, '(' .. tag .. kind .. ':', 'LIMIT', 0, 1)[1]
end
local function last_place(tag)
  return redis.call('ZREVRANGEBYLEX', tagged, '(' .. tag .. 'r:', '[' .. tag .. 'r', 'LIMIT', 0, 1)[1]
end
local function number_of(place, tag) return tonumber(place:sub(#tag + 2, #tag + 17)) end
local function name_of(place, tag) return place:sub(#tag + 18) end
local function line_up(name, tag, kind, number)
  local place = tag .. kind .. string.format('%016.0f', number) .. name
  redis.call('ZADD', tagged, 0, place)
  redis.call('HSET', standings, '@' .. name, place)
end
local function line_up_anew(due, tag, kind, mark, first)
  local places, fields = {}, {}
  for i, old in ipairs(due) do
    local name = name_of(old, tag)
    local place = tag .. kind .. string.format('%016.0f', first + i - 1) .. name
    places[2 * i - 1], places[2 * i] = 0, place
    fields[2 * i - 1], fields[2 * i] = mark .. name, place
  end
  redis.call('ZREM', tagged, unpack(due))
  redis.call('ZADD', tagged, unpack(places))
  redis.call('HSET', standings, unpack(fields))
end
local last_turns, woken = {}, {}
local function next_tag_turns(tag, count)
  if not last_turns[tag] then
    local last = last_place(tag)
    last_turns[tag] = last and number_of(last, tag) or 0
  end
  local first = last_turns[tag] + 1
  last_turns[tag] = last_turns[tag] + count
  return first
end
local function join_tag(name, tag) line_up(name, tag, 'r', next_tag_turns(tag, 1)) end
local function wake_tag(tag)
  if woken[tag] then return end
  woken[tag] = true
  local below = '(' .. tag .. 'z' .. string.format('%016.0f', now + 1)
  repeat
    local due = redis.call('ZRANGEBYLEX', tagged, '[' .. tag .. 'z', below, 'LIMIT', 0, 500)
    if #due > 0 then line_up_anew(due, tag, 'r', '@', next_tag_turns(tag, #due)) end
  until #due < 500
end
`;

/** In and out of both queues. `requeue` leaves a key where it is if it waits or is away there rightly. */
export const PLACES = `
local function leave_tag(name)
  local place = redis.call('HGET', standings, '@' .. name)
  if not place then return end
  redis.call('ZREM', tagged, place)
  redis.call('HDEL', standings, '@' .. name)
  if keeps() then end_turn(name, '') end
end
local function leave(name)
  redis.call('ZREM', ready, name)
  redis.call('ZREM', resting, name)
  if keeps() then end_turn(name) end
  leave_tag(name)
end
local function requeue_tag(name, tag, is_away, back_at)
  wake_tag(tag)
  local place = redis.call('HGET', standings, '@' .. name)
  if place and redis.call('ZSCORE', tagged, place) then
    local kind = place:sub(#tag + 1, #tag + 1)
    if not is_away and kind == 'r' then return end
    if is_away and kind == 'z' and number_of(place, tag) == math.ceil(back_at) then return end
    redis.call('ZREM', tagged, place)
  end
  if is_away then line_up(name, tag, 'z', math.ceil(back_at)) else join_tag(name, tag) end
end
local function requeue(name, rank, tag)
  local disabled, back_at = rank:match('^[^,]+,([^,]+),([^,]+)')
  if disabled ~= '0' then return leave(name) end
  local is_away = now < tonumber(back_at)
  if is_away then
    redis.call('ZREM', ready, name)
    redis.call('ZADD', resting, back_at, name)
  elseif not redis.call('ZSCORE', ready, name) then
    redis.call('ZREM', resting, name)
    redis.call('ZADD', ready, next_turn(), name)
  end
  if tag ~= '' then requeue_tag(name, tag, is_away, tonumber(back_at)) end
  if not keeps() then return end
  line_up_lease(name, nil, is_away, back_at)
  if tag ~= '' then line_up_lease(name, tag, is_away, back_at) end
end
`;
