internal import CLinux

/// A system call that failed, by name and `errno`.
package struct SystemError: Error, Sendable, Hashable, CustomStringConvertible {
    package let call: String
    package let code: Int32

    package init(_ call: String, code: Int32) {
        self.call = call
        self.code = code
    }

    static func last(_ call: String) -> SystemError { SystemError(call, code: lw_errno()) }

    package var description: String { "\(call): \(String(cString: strerror(code)))" }

    package var isAddressInUse: Bool { code == EADDRINUSE }
    package var isConnectionRefused: Bool { code == ECONNREFUSED }
}
