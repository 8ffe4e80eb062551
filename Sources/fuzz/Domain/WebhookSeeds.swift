extension FuzzTarget {
    static let cloudAPISeeds: [String] =
        [
            #"{"from":"5511987654321","id":"wamid.1","timestamp":"1749416383","type":"text","text":{"body":"Oi é"}}"#,
            #"{"from_user_id":"BR.1","id":"wamid.2","timestamp":"1749416383","type":"image","image":{"caption":"c"}}"#,
            #"{"from":"1","id":"w","timestamp":"1","type":"interactive","interactive":{"list_reply":{"title":"Um"}}}"#,
            #"{"group_id":"g","id":"w","timestamp":"1","type":"text"}"#,
        ].map { cloudAPI(#""messages":[\#($0)],"contacts":[{"profile":{"name":"Ana"},"wa_id":"5511987654321"}]"#) }
        + [
            #"{"id":"wamid.1","status":"delivered","timestamp":"1749416383","recipient_id":"5511987654321"}"#,
            #"{"id":"w","status":"failed","timestamp":1.5e9,"errors":[{"code":131049,"title":"t"}]}"#,
            #"{"id":"w","status":"deleted","timestamp":"1749416383","biz_opaque_callback_data":"1.2.3"}"#,
        ].map { cloudAPI(#""statuses":[\#($0)],"errors":[{"code":1}]"#) }

    static let wahaSeeds: [String] = [
        ("message", #"{"id":"false_5511987654321@c.us_3EB0","timestamp":1741249702.5,"from":"5511987654321@c.us"}"#),
        (
            "message.any",
            #"{"key":{"id":"A"},"timestamp":1,"from":"99@lid","hasMedia":true,"media":{"mimetype":"a/b"}}"#
        ),
        ("message.ack", #"{"id":"true_1@c.us_A","ack":3,"fromMe":true,"to":"5511987654321:12@s.whatsapp.net"}"#),
        ("session.status", #"{"status":"WORKING","name":"loja"}"#), ("call.received", "{}"),
    ].map { event, payload in
        #"{"id":"evt_1","timestamp":1741249702485,"event":"\#(event)","session":"loja","#
            + #""me":{"id":"5511900000000@c.us","pushName":"Loja"},"payload":\#(payload)}"#
    }

    private static func cloudAPI(_ value: String) -> String {
        #"{"object":"whatsapp_business_account","entry":[{"id":"1","changes":[{"field":"messages","value":{"metadata":"#
            + #"{"phone_number_id":"106540352242922"},\#(value)}}]}]}"#
    }
}
