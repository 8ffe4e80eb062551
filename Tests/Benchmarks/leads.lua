-- Requests for the paths that `leadwire-bench` drew, one after the other, written before the first of them is sent.
local paths = { @PATHS@ }
local requests = {}
local at = 0
wrk.headers["X-API-Key"] = "@KEY@"
init = function()
    for i, path in ipairs(paths) do requests[i] = wrk.format("GET", path) end
end
request = function()
    at = at % #requests + 1
    return requests[at]
end
