import Foundation

/// What people read; logs go elsewhere.
enum Console {
    static func line(_ text: String = "") { write(text + "\n", to: .standardOutput) }

    static func error(_ text: String) { write("leadwire: \(text)\n", to: .standardError) }

    /// A reader who left, as at the end of a pipe, is no reason to stop.
    private static func write(_ text: String, to handle: FileHandle) { try? handle.write(contentsOf: Data(text.utf8)) }
}

/// A command that cannot be carried out, in words that say what to do.
struct CommandError: Error, CustomStringConvertible {
    let description: String
    var isUsage = false

    init(_ description: String) { self.description = description }

    static func usage(_ text: String) -> CommandError {
        var error = CommandError(text)
        error.isUsage = true
        return error
    }
}

enum Usage {
    static let text = """
        usage: leadwire <command>

          demo        [--port N] [--data-dir DIR]      everything at once, to try it
          serve       [--host IP] [--port N] [--workers N] [--data-dir DIR]
                                                       the API, configured by environment
          migrate                                      brings the database's schema up to date
          simulator   [--port N] [--cloud-webhook URL] [--waha-webhook URL]
          account     create --name NAME [--locale L] [--timezone Z] [--country C] [--currency C]
                      list | suspend ID | activate ID
          keys        create --account ID --name NAME [--permission P]... [--instance ID]...
                             [--rate N] [--expires INSTANT]
                      list --account ID | revoke --account ID ID
          version

        account, keys and migrate use DATABASE_URL, or the private PostgreSQL of --data-dir DIR
        (LEADWIRE_DATA_DIR, .leadwire).
        """
}
