import Foundation

/// Makes a folder for files that need not outlive the test: in memory where there is room, because a database is
/// hundreds of small files and a disk may be busy with builds.
package func makeTemporaryFolder(_ name: String) throws -> String {
    var file = statvfs()
    let isRoomy = statvfs("/dev/shm", &file) == 0 && file.f_bavail * file.f_frsize > 2 << 30
    var template = Array("\(isRoomy ? "/dev/shm" : "/tmp")/leadwire-\(name)-XXXXXX".utf8CString)
    guard mkdtemp(&template) != nil else { throw CocoaError(.fileWriteUnknown) }
    let path = String(decoding: template.dropLast().map { UInt8(bitPattern: $0) }, as: UTF8.self)
    // The user that PostgreSQL runs as must get through.
    chmod(path, 0o711)
    return path
}
