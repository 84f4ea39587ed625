-- What `wrk` sends, and how it tells what it saw: one line of JSON that begins with "@".
-- Nothing here runs for each request.
wrk.method = os.getenv("BENCH_METHOD") or "GET"
local size = tonumber(os.getenv("BENCH_BODY") or "0")
if size > 0 then
  wrk.body = string.rep("x", size)
  wrk.headers["content-type"] = "text/plain"
end

function done(summary, latency)
  local errors = summary.errors
  io.write(string.format(
    '\n@{"requests":%d,"seconds":%.6f,"p50":%.4f,"p99":%.4f,"refused":%d,"status":%d,"timeout":%d}\n',
    summary.requests,
    summary.duration / 1e6,
    latency:percentile(50) / 1e3,
    latency:percentile(99) / 1e3,
    errors.connect + errors.read + errors.write,
    errors.status,
    errors.timeout
  ))
end
