-- What `leadwire-bench client` sends through HTTP/Client, for wrk.
wrk.method = "POST"
wrk.headers["Content-Type"] = "application/json"
wrk.body = '{"messaging_product":"whatsapp","recipient_type":"individual","to":"+5511987651001","type":"text","text":{"body":"Oi!"}}'
