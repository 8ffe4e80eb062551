import Foundation

// The fuzzing engine brings `main`, and calls these two (LLVM, "libFuzzer"). Which target it attacks stands in the
// environment, because the engine starts itself anew for some of its work, with the arguments that it knows.
//
// `fuzz` without FUZZ_TARGET lists the targets; `fuzz prepare FOLDER` writes the target's seeds and words.

// Written by the one thread that there is, before the first attack.
private nonisolated(unsafe) var target: FuzzTarget?

@c(LLVMFuzzerInitialize)
func initialize(
    _ count: UnsafeMutablePointer<CInt>, _ arguments: UnsafeMutablePointer<UnsafeMutablePointer<UnsafePointer<CChar>?>?>
) -> CInt {
    guard let name = ProcessInfo.processInfo.environment["FUZZ_TARGET"] else {
        print(FuzzTarget.all.map(\.name).joined(separator: "\n"))
        exit(0)
    }
    target = FuzzTarget.all.first { $0.name == name }
    guard let target else { complain("there is no target \(name)") }
    let arguments = CommandLine.arguments
    if arguments.count == 3, arguments[1] == "prepare" {
        do {
            try SeedFolder(arguments[2]).write(target)
        } catch {
            complain("the seeds cannot be written: \(error)")
        }
        exit(0)
    }
    return 0
}

@c(LLVMFuzzerTestOneInput)
func attack(_ bytes: UnsafePointer<UInt8>?, _ count: Int) -> CInt {
    var input = FuzzInput(UnsafeBufferPointer(start: bytes, count: count))
    target?.attack(&input)
    return 0
}

private func complain(_ words: String) -> Never {
    FileHandle.standardError.write(Data((words + "\n").utf8))
    exit(64)
}
