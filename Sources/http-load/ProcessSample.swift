import Glibc

/// What a process holds at one moment.
struct ProcessSample: Sendable {
    /// Resident, in kilobytes (proc(5), VmRSS).
    let memory: Int
    let descriptors: Int

    init(memory: Int, descriptors: Int) {
        self.memory = memory
        self.descriptors = descriptors
    }

    /// Nil when the process is gone.
    init?(of process: Int) {
        guard let status = Self.text("/proc/\(process)/status"),
            let line = status.split(separator: "\n").first(where: { $0.hasPrefix("VmRSS:") }),
            let memory = line.split(whereSeparator: { $0 == " " || $0 == "\t" }).dropFirst().first.flatMap({ Int($0) }),
            let folder = opendir("/proc/\(process)/fd")
        else { return nil }
        self.memory = memory
        var count = 0
        while readdir(folder) != nil { count += 1 }
        closedir(folder)
        // Itself and its parent.
        descriptors = count - 2
    }

    private static func text(_ path: String) -> String? {
        guard let file = fopen(path, "r") else { return nil }
        defer { fclose(file) }
        var bytes = [UInt8](repeating: 0, count: 8_192)
        let count = fread(&bytes, 1, bytes.count, file)
        return String(decoding: bytes[..<count], as: UTF8.self)
    }
}
