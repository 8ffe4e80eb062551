import Crypto
import Delivery
import Foundation

/// The key that seals channels' secrets: from the environment, or made once and kept in the data folder.
enum SecretFile {
    static func secrets(_ settings: Settings) throws -> ChannelSecrets {
        if let fault = fault(in: settings.secretKey, isNeeded: settings.databaseURL != nil) {
            throw CommandError(fault)
        }
        if let ring = settings.secretKey.flatMap(ring) { return ChannelSecrets(keys: ring) }
        guard let ring = ring(try text(in: settings.dataDirectory)) else {
            throw CommandError("the file secret.key in \(settings.dataDirectory) is damaged: restore it")
        }
        return ChannelSecrets(keys: ring)
    }

    /// What is wrong with the key of the environment, in words for the operator.
    static func fault(in key: String?, isNeeded: Bool) -> String? {
        guard let key else {
            guard isNeeded else { return nil }
            return "LEADWIRE_SECRET_KEY is needed beside DATABASE_URL, the same for every process "
                + "(openssl rand -hex 32 makes one)"
        }
        guard ring(key) == nil else { return nil }
        return "LEADWIRE_SECRET_KEY must be 32 bytes in hex or base64, or a list of id:key "
            + "(openssl rand -hex 32 makes one)"
    }

    private static func ring(_ text: String) -> KeyRing? {
        if let key = SecretKey(text: text) {
            return KeyRing([(id: KeyID("k1"), key: key)].compactMap { id, key in id.map { (id: $0, key: key) } })
        }
        return KeyRing(setting: text)
    }

    /// The key of this folder as text, made at first use.
    static func text(in folder: String) throws -> String {
        let path = folder + "/secret.key"
        if let text = try? String(contentsOfFile: path, encoding: .utf8) {
            return text.trimmingCharacters(in: .whitespacesAndNewlines)
        }
        let text = Hex.encode(SecureRandom.bytes(SecretKey.byteCount))
        try PrivateFile.write(text + "\n", to: path)
        return text
    }
}

/// Files that only their owner reads.
enum PrivateFile {
    static func write(_ text: String, to path: String) throws {
        let partial = path + ".new"
        unlink(partial)
        let descriptor = open(partial, O_WRONLY | O_CREAT | O_EXCL | O_CLOEXEC, 0o600)
        guard descriptor >= 0 else {
            throw CommandError("cannot write \(path): \(String(cString: strerror(errno)))")
        }
        let handle = FileHandle(fileDescriptor: descriptor, closeOnDealloc: true)
        try handle.write(contentsOf: Data(text.utf8))
        try handle.synchronize()
        try handle.close()
        guard rename(partial, path) == 0 else {
            throw CommandError("cannot write \(path): \(String(cString: strerror(errno)))")
        }
    }
}
