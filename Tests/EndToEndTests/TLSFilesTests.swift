import TestCertificates
import Testing

@testable import leadwire

@Suite struct TLSFilesTests {
    @Test func `a certificate without its key, or a key without its certificate, is a mistake`() throws {
        for name in ["LEADWIRE_TLS_CERT", "LEADWIRE_TLS_KEY"] {
            let error = #expect(throws: CommandError.self) { try Settings([name: "/some/file"]) }
            #expect(error.map { "\($0)" }?.contains("set both or neither") == true)
        }
        let settings = try Settings(["LEADWIRE_TLS_CERT": "c", "LEADWIRE_TLS_KEY": "k"])
        #expect(settings.tls == TLSFiles(certificate: "c", key: "k"))
        #expect(try Settings([:]).tls == nil)
    }

    @Test func `files that cannot be used are told before the server starts`() throws {
        let authority = try TestAuthority()
        let (one, two) = (try authority.issue(["DNS:a.test"]), try authority.issue(["DNS:a.test"]))
        _ = try TLSFiles(certificate: one.chain, key: one.key).load()
        #expect(throws: CommandError.self) { try TLSFiles(certificate: one.chain, key: two.key).load() }
        #expect(throws: CommandError.self) { try TLSFiles(certificate: "/nowhere", key: one.key).load() }
    }
}
