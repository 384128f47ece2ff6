-- Sends the same request, or one for each line of a file in turn; prints what wrk measured as one line of JSON.
local bodies = {}
local at = 0
local headers = os.getenv("BENCH_LINES_ARE") == "headers"

function init(args)
  wrk.method = os.getenv("BENCH_METHOD")
  if os.getenv("BENCH_BODY") ~= "" then wrk.body = os.getenv("BENCH_BODY") end
  if os.getenv("BENCH_TYPE") ~= "" then wrk.headers["content-type"] = os.getenv("BENCH_TYPE") end
  wrk.headers["authorization"] = os.getenv("BENCH_AUTHORIZATION")
  local file = os.getenv("BENCH_LINES")
  if file ~= "" then for line in io.lines(file) do bodies[#bodies + 1] = line end end
  whole = wrk.format()
end

function request()
  if #bodies == 0 then return whole end
  at = at % #bodies + 1
  if headers then
    wrk.headers["authorization"] = bodies[at]
    return wrk.format()
  end
  return wrk.format(nil, nil, nil, bodies[at])
end

function done(summary, latency)
  io.write(string.format('{"requests":%d,"microseconds":%d,"p50":%d,"p99":%d,"refused":%d,"broken":%d}\n',
    summary.requests, summary.duration, latency:percentile(50), latency:percentile(99), summary.errors.status,
    summary.errors.connect + summary.errors.read + summary.errors.write + summary.errors.timeout))
end
