-- Sends the requests of a file, one after the other and again from the start. They are as they are on the wire,
-- with a U+0000 between them; the first argument is the file. At the end, prints what happened as JSON.

local requests = {}
local last = 0

function init (args)
  local file = assert(io.open(args[1], "rb"))
  for text in (file:read("*a") .. "\0"):gmatch("(.-)%z") do
    requests[#requests + 1] = text
  end
  file:close()
end

function request ()
  last = last % #requests + 1
  return requests[last]
end

function done (summary, latency)
  local errors = summary.errors
  io.write(string.format(
    '\nRESULT {"requests":%d,"seconds":%.6f,"bytes":%d,"p50":%.3f,"p99":%.3f,"errors":{"connect":%d,"read":%d,"write":%d,"timeout":%d,"status":%d}}\n',
    summary.requests, summary.duration / 1e6, summary.bytes,
    latency:percentile(50) / 1000, latency:percentile(99) / 1000,
    errors.connect, errors.read, errors.write, errors.timeout, errors.status
  ))
end
