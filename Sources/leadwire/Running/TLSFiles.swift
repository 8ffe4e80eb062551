import Crypto
import EventLoop
import Telemetry

/// Where the server's certificate chain and key lie, in PEM.
struct TLSFiles: Sendable, Hashable {
    let certificate: String
    let key: String

    func load() throws -> TLSServerContext {
        do throws(TLSError) {
            return try TLSServerContext(certificateChain: certificate, privateKey: key)
        } catch {
            throw CommandError(
                "LEADWIRE_TLS_CERT and LEADWIRE_TLS_KEY cannot be used: \(error.detail ?? error.description)")
        }
    }

    /// Has new connections use what the files hold now; what cannot be used is told, and the old one kept.
    @Reactor
    func reload(into application: Application) async {
        do {
            application.tls = try await ThreadPool.blocking.run { try load() }
            Log.shared.info("tls.reloaded")
        } catch {
            Log.shared.warning("tls.reload_failed", ["reason": .string("\(error)")])
        }
    }
}
