-- A template to one lead after the other, each under a key that no other request has.
local count = 0
wrk.headers["X-API-Key"] = "@KEY@"
wrk.headers["Content-Type"] = "application/json"
wrk.headers["Prefer"] = "respond-async"
local body = '{"template_id": 1, "variables": ["Ana", "proposta", "10/07"]}'
request = function()
    count = count + 1
    wrk.headers["Idempotency-Key"] = "@RUN@-" .. count
    local lead = (count * 7919 + @OFFSET@) % @LEADS@ + 1
    return wrk.format("POST", "/api/v1/leads/" .. lead .. "/send-whatsapp-template", nil, body)
end
