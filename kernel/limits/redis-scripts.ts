/**
 * The sums of `0002_shared.sql` once more, for Redis, which runs each script alone and whole. Times are seconds, by the
 * server's clock; what would be forgotten expires.
 */

/** A clock that was set back takes nothing away and adds nothing. */
const COMMON = `
local function clock()
  local now = redis.call('TIME')
  return now[1] + now[2] / 1e6
end
local function owed_after(owed, at, moment)
  return math.max(0, owed - math.max(0, moment - at))
end
local function due(charges, account, network)
  local own = redis.call('ZSCORE', account, network) and 'place' or 'strangers'
  local found = {}
  for _, charge in ipairs(charges) do
    if charge.of == 'all' or charge.of == own then found[#found + 1] = charge end
  end
  return found
end
`

/** KEYS: the account's places, then each charge's row. ARGV: charges, network, moment or ''. Answers the wait. */
export const SPEND = `${COMMON}
local moment = tonumber(ARGV[3]) or clock()
local charges = cjson.decode(ARGV[1])
for index, charge in ipairs(charges) do charge.row = KEYS[index + 1] end
local found = due(charges, KEYS[1], ARGV[2])
local wait = 0
for _, charge in ipairs(found) do
  local row = redis.call('HMGET', charge.row, 'tries', 'owed', 'at', 'forget')
  charge.tries, charge.owed = 0, 0
  local forget_in = row[1] and tonumber(row[4]) - moment or 0
  if forget_in > 0 then
    charge.tries, charge.owed = tonumber(row[1]), owed_after(tonumber(row[2]), tonumber(row[3]), moment)
  end
  charge.cost = charge.each_s * 2 ^ math.min(charge.doublings, math.max(0, charge.tries - charge.burst))
  if forget_in > 0 and charge.tries >= charge.most then wait = math.max(wait, forget_in)
  else wait = math.max(wait, charge.owed - math.max(0, charge.burst * charge.each_s - charge.cost)) end
end
if wait > 0 then return tostring(wait) end
for _, charge in ipairs(found) do
  local owed = charge.owed + charge.cost
  local keep = owed + charge.forget_s
  redis.call('HSET', charge.row, 'tries', charge.tries + 1, 'owed', string.format('%.6f', owed),
    'at', string.format('%.6f', moment), 'forget', string.format('%.6f', moment + keep))
  redis.call('PEXPIRE', charge.row, math.ceil(keep * 1000))
end
return '0'
`

/** KEYS as above. ARGV: charges, network, the most places, how long one is kept. */
export const FORGIVE = `${COMMON}
local charges = cjson.decode(ARGV[1])
for index, charge in ipairs(charges) do charge.row = KEYS[index + 1] end
for _, charge in ipairs(due(charges, KEYS[1], ARGV[2])) do
  if charge.of ~= 'all' then redis.call('DEL', charge.row)
  else
    local owed = redis.call('HGET', charge.row, 'owed')
    if owed then
      redis.call('HSET', charge.row, 'owed', string.format('%.6f', math.max(0, tonumber(owed) - charge.each_s)))
    end
  end
end
local most, kept = tonumber(ARGV[3]), tonumber(ARGV[4])
if most > 0 then
  local now = clock()
  redis.call('ZADD', KEYS[1], now, ARGV[2])
  redis.call('ZREMRANGEBYSCORE', KEYS[1], '-inf', now - kept)
  redis.call('ZREMRANGEBYRANK', KEYS[1], 0, -1 - most)
  redis.call('EXPIRE', KEYS[1], kept)
end
return 0
`

/**
 * KEYS: a sorted set from each name to the moment at which its debt is paid. ARGV: spendings. Answers name and debt in
 * turn. More than two budgets of debt are not remembered, and what is paid is removed.
 */
export const SHARE = `${COMMON}
local moment = clock()
local told = {}
redis.call('ZREMRANGEBYSCORE', KEYS[1], '-inf', moment)
for _, spending in ipairs(cjson.decode(ARGV[1])) do
  local paid = tonumber(redis.call('ZSCORE', KEYS[1], spending.key) or moment)
  local owed = math.max(0, math.min(2 * spending.window_s, math.max(0, paid - moment) + spending.owed_s))
  redis.call('ZADD', KEYS[1], string.format('%.6f', moment + owed), spending.key)
  told[#told + 1] = spending.key
  told[#told + 1] = tostring(owed)
end
redis.call('EXPIRE', KEYS[1], 3600)
return told
`

/** KEYS as above. ARGV: how many. */
export const DEBTS = `${COMMON}
local moment = clock()
local told = redis.call('ZREVRANGEBYSCORE', KEYS[1], '+inf', moment, 'WITHSCORES', 'LIMIT', 0, ARGV[1])
for index = 2, #told, 2 do told[index] = tostring(told[index] - moment) end
return told
`
