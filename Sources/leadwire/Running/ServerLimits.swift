import Delivery
import EventLoop
import HTTP
import Telemetry

/// What an operator may set of the API server's limits; all else is the product's own. Each `serve` process holds to
/// them for itself.
struct ServerLimits: Sendable, Equatable {
    var connections = 10_000
    var connectionsPerAddress = 1_000
    /// Sends of one number under way at once, at most.
    var attemptsPerNumber = DeliveryEngine.Configuration().mostAttempts
    var trustedProxies = AddressRange.loopback
    var headTime = Duration.seconds(10)
    var bodyTime = Duration.seconds(60)
    var idleTime = Duration.seconds(65)
    /// From SIGTERM to the end of the process.
    var drainTime = Duration.seconds(15)

    init() {}

    /// - Parameters:
    ///   - read: the text of a variable.
    ///   - mistakes: gets what is wrong, in words for the operator.
    init(read: (String) -> String?, mistakes: inout [String]) {
        func count(_ name: String, _ value: inout Int) {
            guard let text = read(name) else { return }
            guard let number = Int(text), (1...1_000_000).contains(number) else {
                mistakes.append("\(name) must be 1 to 1000000")
                return
            }
            value = number
        }
        func seconds(_ name: String, _ value: inout Duration) {
            guard let text = read(name) else { return }
            guard let number = Int(text), (1...3_600).contains(number) else {
                mistakes.append("\(name) must be 1 to 3600 seconds")
                return
            }
            value = .seconds(number)
        }
        count("LEADWIRE_MAX_CONNECTIONS", &connections)
        count("LEADWIRE_MAX_CONNECTIONS_PER_ADDRESS", &connectionsPerAddress)
        count("LEADWIRE_ATTEMPTS_PER_NUMBER", &attemptsPerNumber)
        seconds("LEADWIRE_HEADER_TIMEOUT", &headTime)
        seconds("LEADWIRE_BODY_TIMEOUT", &bodyTime)
        seconds("LEADWIRE_IDLE_TIMEOUT", &idleTime)
        seconds("LEADWIRE_DRAIN_TIMEOUT", &drainTime)
        guard let text = read("LEADWIRE_TRUSTED_PROXIES") else { return }
        let words = text.split { $0 == "," || $0 == " " }.map(String.init)
        let ranges = words.compactMap { AddressRange($0) }
        guard ranges.count == words.count else {
            mistakes.append(
                "LEADWIRE_TRUSTED_PROXIES must be addresses or ranges such as 10.0.0.0/8, with commas between")
            return
        }
        trustedProxies = ranges
    }

    /// Descriptors that clients cannot use up: the database, the providers and files need some too.
    private static let descriptorsKept = 256

    /// Lowers the bound on connections to what the process may open.
    /// - Returns: whether that was less than was asked for.
    mutating func fit(descriptors: Int) -> Bool {
        let most = max(descriptors - Self.descriptorsKept, descriptors / 2)
        guard connections > most else { return false }
        connections = max(1, most)
        return true
    }

    /// As `fit`, to what this process can be allowed; the operator is told when that was less.
    mutating func fitDescriptors() {
        let descriptors = DescriptorLimit.raise()
        guard fit(descriptors: descriptors) else { return }
        Log.shared.warning(
            "connections.bounded", ["descriptors": .int(Int64(descriptors)), "connections": .int(Int64(connections))])
    }

    func apply(to configuration: inout HTTPServerConfiguration) {
        configuration.connections = connections
        configuration.connectionsPerAddress = connectionsPerAddress
        configuration.trustedPeers = trustedProxies
        configuration.headTime = headTime
        configuration.bodyTime = bodyTime
        configuration.bodyIdleTime = min(configuration.bodyIdleTime, bodyTime)
        configuration.keepAliveTime = idleTime
    }
}
