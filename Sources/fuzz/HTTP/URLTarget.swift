import EventLoop

@testable import HTTP

extension FuzzTarget {
    /// URLs of customers' hooks and of providers: a URL is itself when written and read again, and the request that the
    /// client makes of it is one request to the server's parser, with the same target, host, fields and body.
    static let url = FuzzTarget(
        name: "url",
        seeds: [
            "http://example.com", "HTTP://Example.COM:80/a/B?c=d%20e", "http://[2001:DB8::1]:9000/x\nX-A: 1\nbody",
            "https://graph.facebook.com:443/v23.0/1/messages\nAuthorization: Bearer a\nHost: evil\n{}",
            "http://user@h/", "http://[::1\u{0}]/", "http://h/#f", "http://[::1", "http://h\r\nX: y/",
            "http://a_b-c.d:65535?x|y",
        ],
        words: [
            "http://", "https://", "[::1]", "[::ffff:1.2.3.4]", ":80", ":443", "\r\n", "\u{0}", "@", "%2", "%00", "?",
            "/../", "é", "\\", "Content-Length: 0\n", "Transfer-Encoding: chunked\n", "Connection: close\n",
        ]
    ) { input in
        // The first line is the URL, lines with a colon are fields, the rest is a body.
        let lines = input.text.unicodeScalars.split(separator: "\n", omittingEmptySubsequences: false).map(String.init)
        guard let url = HTTPURL(input.isOne(in: 2) ? input.text : lines[0]) else { return }
        claim(HTTPURL(url.origin.description + url.target) == url, "\(url.origin)\(url.target) is another URL")
        claim(HTTPURL(url.description)?.origin == url.origin, "\(url) is another origin")

        var request = HTTPClientRequest(method: input.one(of: [.get, .post, .put, .patch, .delete, .head]), url: url)
        for line in lines.dropFirst().prefix(90) {
            let parts = line.split(separator: ":", maxSplits: 1).map(String.init)
            guard parts.count == 2 else { continue }
            let isTaken = request.fields.append(parts[0], parts[1])
            claim(
                isTaken == (HTTPFields.isValid(name: parts[0]) && HTTPFields.isValid(value: parts[1])),
                "a field is taken against its own rule: \(line.debugDescription)")
        }
        // An expectation is the server's to refuse and would end the reading.
        request.fields.remove("Expect")
        if let last = lines.last, lines.count > 1 { request.body = Array(last.utf8) }
        judge(request)
    }

    private static func judge(_ request: HTTPClientRequest) {
        var configuration = HTTPServerConfiguration()
        (configuration.requestLine, configuration.fieldLine, configuration.fieldsTotal) = (1 << 20, 1 << 20, 1 << 20)
        let octets = request.serialized()
        let reading = RequestReading([octets[...]], limits: RequestLimits(configuration), bodyLimit: 1 << 20)
        guard case .head(let head)? = reading.entries.first else {
            return claim(false, "\(String(decoding: octets, as: UTF8.self).debugDescription) is no request")
        }
        claim(head.method == request.method, "\(request.method) became \(head.method)")
        claim(head.target == request.url.target, "\(request.url.target) became \(head.target)")
        claim(head.fields["Host"] == request.url.origin.authority, "the host became \(head.fields["Host"] ?? "none")")
        var framing: Set<String> = ["host", "content-length", "transfer-encoding"]
        if !request.fields.contains("User-Agent") { framing.insert("user-agent") }
        let fields = { (fields: HTTPFields) in
            fields.filter { !framing.contains($0.name.lowercased()) }.map { [$0.name, $0.value] }
        }
        claim(fields(head.fields) == fields(request.fields), "other fields: \(fields(head.fields))")
        let body: [RequestReading.Entry] = request.body.isEmpty ? [] : [.body(request.body)]
        claim(reading.entries.dropFirst() == (body + [.end])[...], "more or less than one request: \(reading.entries)")
    }
}
