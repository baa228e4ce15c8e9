-- Posts the lines of the file that is named after "--" in turn, and tells the result as one line of JSON.
function init(args)
  if not args[1] then return end
  local requests = {}
  -- Beside those of the command line.
  wrk.headers["Content-Type"] = "application/json"
  for body in io.lines(args[1]) do
    requests[#requests + 1] = wrk.format("POST", nil, nil, body)
  end
  local last = 0
  request = function()
    last = last % #requests + 1
    return requests[last]
  end
end

function done(summary, latency)
  local e = summary.errors
  io.write(string.format(
    '\n{"answered":%d,"micros":%d,"p99Micros":%d,"errors":%d}\n',
    summary.requests, summary.duration, latency:percentile(99), e.connect + e.read + e.write + e.status + e.timeout
  ))
end
