-- Paths that `leadwire-bench` drew, one after the other.
local paths = { @PATHS@ }
local at = 0
wrk.headers["X-API-Key"] = "@KEY@"
request = function()
    at = at % #paths + 1
    return wrk.format("GET", paths[at])
end
