-- Sends one body again and again, and says at the end what came of it as one line.
-- Called with: BODY_FILE TARGET. Without a function `request`, wrk makes the request
-- once: it could not press a fast server otherwise.
function init(args)
  local file = assert(io.open(args[1], "rb"))
  wrk.method = "POST"
  wrk.path = args[2]
  wrk.body = file:read("*a")
  wrk.headers["Content-Type"] = "application/json"
  file:close()
end

function done(summary, latency)
  local errors = summary.errors
  local broken = errors.connect + errors.read + errors.write + errors.timeout
  io.write(string.format("RESULT %d %d %d %d %d %d\n", summary.requests,
    summary.duration, latency:percentile(50), latency:percentile(99),
    errors.status, broken))
end
