import EventLoop

/// A certificate for 127.0.0.1 that vouches for itself, made by the `openssl` command.
@Reactor
struct Certificate {
    /// PEM files.
    let file: String
    let key: String

    static func make(in workshop: Workshop) async throws -> Certificate {
        let certificate = Certificate(file: workshop.path("certificate.pem"), key: workshop.path("key.pem"))
        _ = try await Program.run(
            try Workshop.tool("openssl"),
            [
                "req", "-x509", "-newkey", "ec", "-pkeyopt", "ec_paramgen_curve:prime256v1", "-nodes", "-days", "30",
                "-subj", "/CN=leadwire-bench", "-addext", "subjectAltName=IP:127.0.0.1", "-out", certificate.file,
                "-keyout", certificate.key,
            ], log: workshop.path("openssl.log"))
        return certificate
    }
}
