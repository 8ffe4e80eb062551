import EventLoop

/// Why nothing can listen at an address, in words.
enum ListeningFault {
    static func told<Value>(
        _ host: String, _ port: UInt16, _ body: () throws(SystemError) -> Value
    ) throws(CommandError) -> Value {
        do throws(SystemError) {
            return try body()
        } catch {
            guard error.isAddressInUse else { throw CommandError("cannot listen on \(host):\(port): \(error)") }
            throw CommandError("port \(port) is taken: choose another with --port or LEADWIRE_PORT")
        }
    }
}
