import EventLoop
import Glibc

/// Clients for `.ci/endure`, good and bad:
///
///     http-load watch <port> <path> <seconds>
///     http-load mix <port> <path> <upload path> <large path, or - to have uploads echoed> <seconds> <process> <seed>
@main
enum Main {
    static func main() {
        let words = Array(CommandLine.arguments.dropFirst())
        spawn {
            exit(await run(words))
        }
        while true { Glibc.pause() }
    }

    @Reactor
    private static func run(_ words: [String]) async -> Int32 {
        DescriptorLimit.raise()
        guard words.count >= 2, let port = UInt16(words[1]), let address = SocketAddress(ip: "127.0.0.1", port: port)
        else {
            return usage()
        }
        switch words.first {
        case "watch":
            guard words.count == 4, let seconds = Int(words[3]) else { return usage() }
            say(await Watch(address: address, path: words[2], seconds: seconds).run())
            return 0
        case "mix":
            guard words.count == 8, let seconds = Int(words[5]), let process = Int(words[6]),
                let seed = UInt64(words[7])
            else { return usage() }
            let target = LoadTarget(
                address: address, path: words[2], uploadPath: words[3],
                large: words[4] == "-" ? echoed(words[3]) : "GET \(words[4]) HTTP/1.1\r\nHost: load\r\n\r\n")
            let (lines, wrong) = await Mix(target, process: process, seconds: seconds, seed: seed).run()
            for line in lines { say(line) }
            for line in wrong { say("WRONG: \(line)") }
            return wrong.isEmpty ? 0 : 1
        default: return usage()
        }
    }

    private static func echoed(_ path: String) -> String {
        let size = 600_000
        return "POST \(path) HTTP/1.1\r\nHost: load\r\nContent-Length: \(size)\r\n\r\n"
            + String(repeating: "a", count: size)
    }

    private static func say(_ text: String) {
        print(text)
        fflush(nil)
    }

    private static func usage() -> Int32 {
        say("usage: http-load watch PORT PATH SECONDS | mix PORT PATH UPLOAD LARGE SECONDS PROCESS SEED")
        return 2
    }
}
