internal import CLinux
private import Synchronization

/// One epoll instance, one thread, and the executor of all code that runs on it.
///
/// A turn of the loop: deliver what epoll reported, fire due timers, run the jobs that became ready, call the
/// end-of-turn hooks, wait. Jobs come from the loop's own thread through a plain array and from other threads through
/// a locked inbox and an eventfd.
package final class EventLoop: SerialExecutor, TaskExecutor, @unchecked Sendable {
    // Unchecked, because state is split in two: what any thread touches is behind `inbox` or atomic; all else is
    // touched by the loop's thread alone.

    /// The loop of this process; its thread starts at first use and lives as long as the process.
    package static let shared: EventLoop = {
        lw_ignore_sigpipe()
        let loop = EventLoop()
        loop.startThread()
        return loop
    }()

    // Any thread.
    private struct Inbox {
        var jobs: [UnownedJob] = []
        var wakePending = false
    }
    private let inbox = Lock(Inbox())
    private let threadID = Atomic<UInt>(0)
    private let epoll: Int32
    private let wake: Int32

    // The loop's thread.
    private var ready: [UnownedJob] = []
    private var running: [UnownedJob] = []
    private var hooks: [@Reactor () -> Void] = []
    private var slots: [Slot?] = []
    private var nextRegistration: UInt32 = 0
    @Reactor var timers = TimerHeap()
    /// Whether the last look told of every descriptor that was ready then; after a crowded one some are still to come.
    @Reactor package private(set) var hasSeenAll = true

    private struct Slot {
        let registration: UInt32
        let handler: any ReadinessHandler
        var interest: Readiness
    }

    private init() {
        epoll = epoll_create1(Int32(EPOLL_CLOEXEC))
        wake = eventfd(0, Int32(EFD_NONBLOCK | EFD_CLOEXEC))
        precondition(epoll >= 0 && wake >= 0, "the kernel refuses an epoll instance or an eventfd")
        _ = lw_epoll_ctl(epoll, EPOLL_CTL_ADD, wake, EPOLLIN.rawValue, UInt64(UInt32(bitPattern: wake)))
    }

    package var isInLoop: Bool { threadID.load(ordering: .relaxed) == UInt(pthread_self()) }

    // MARK: Executor

    package func enqueue(_ job: consuming ExecutorJob) {
        let job = UnownedJob(job)
        if isInLoop {
            ready.append(job)
            return
        }
        let mustWake = inbox.withLock { inbox in
            inbox.jobs.append(job)
            defer { inbox.wakePending = true }
            return !inbox.wakePending
        }
        if mustWake { signalWake() }
    }

    package func asUnownedSerialExecutor() -> UnownedSerialExecutor { UnownedSerialExecutor(ordinary: self) }

    package func checkIsolated() {
        precondition(isInLoop, "code isolated to the reactor ran on another thread")
    }

    package func isIsolatingCurrentContext() -> Bool? { isInLoop }

    // MARK: Readiness

    /// Asks to be told when `fd` becomes ready for what `interest` names; level-triggered.
    @Reactor
    package func register(
        _ fd: Int32, _ interest: Readiness, _ handler: any ReadinessHandler
    ) throws(SystemError) -> Registration {
        nextRegistration &+= 1
        let registration = Registration(fd: fd, number: nextRegistration)
        guard lw_epoll_ctl(epoll, EPOLL_CTL_ADD, fd, interest.rawValue, registration.data) == 0 else {
            throw .last("epoll_ctl")
        }
        while slots.count <= Int(fd) { slots.append(nil) }
        slots[Int(fd)] = Slot(registration: registration.number, handler: handler, interest: interest)
        return registration
    }

    @Reactor
    package func update(_ registration: Registration, _ interest: Readiness) {
        let index = Int(registration.fd)
        guard index < slots.count, let slot = slots[index], slot.registration == registration.number,
            slot.interest != interest
        else { return }
        slots[index]?.interest = interest
        _ = lw_epoll_ctl(epoll, EPOLL_CTL_MOD, registration.fd, interest.rawValue, registration.data)
    }

    /// Must come before the descriptor is closed; a late event for it is dropped by its registration number.
    @Reactor
    package func deregister(_ registration: Registration) {
        let index = Int(registration.fd)
        guard index < slots.count, let slot = slots[index], slot.registration == registration.number else { return }
        slots[index] = nil
        _ = lw_epoll_ctl(epoll, EPOLL_CTL_DEL, registration.fd, 0, 0)
    }

    // MARK: Timers and hooks

    @Reactor @discardableResult
    package func schedule(after delay: Duration, _ action: @escaping @Reactor () -> Void) -> LoopTimer {
        timers.add(at: .now + delay, action)
    }

    @Reactor @discardableResult
    package func schedule(at deadline: MonotonicTime, _ action: @escaping @Reactor () -> Void) -> LoopTimer {
        timers.add(at: deadline, action)
    }

    /// Runs `hook` once, when the jobs of this turn are done and before the loop waits.
    @Reactor
    package func atEndOfTurn(_ hook: @escaping @Reactor () -> Void) { hooks.append(hook) }

    // MARK: The turn

    private func startThread() {
        var thread = pthread_t()
        let context = Unmanaged.passRetained(self).toOpaque()
        let result = pthread_create(&thread, nil, runEventLoop, context)
        precondition(result == 0, "no thread for the event loop")
        // A task may ask `isInLoop` right away: wait until the thread has said who it is.
        while threadID.load(ordering: .acquiring) == 0 { sched_yield() }
    }

    fileprivate func run() {
        threadID.store(UInt(pthread_self()), ordering: .releasing)
        var events = [epoll_event](repeating: epoll_event(), count: 256)
        while true {
            runJobs()
            runHooks()
            let count = epoll_wait(epoll, &events, Int32(events.count), timeout())
            if count > 0 { isolated { deliver(events, count: Int(count)) } }
            fireTimers()
        }
    }

    /// At most this many rounds of jobs before sockets are looked at again, so that tasks which keep waking each
    /// other cannot starve them.
    private static let roundsPerTurn = 64

    private func runJobs() {
        for _ in 0..<Self.roundsPerTurn {
            guard !ready.isEmpty else { return }
            swap(&ready, &running)
            for job in running {
                job.runSynchronously(
                    isolatedTo: asUnownedSerialExecutor(), taskExecutor: asUnownedTaskExecutor())
            }
            running.removeAll(keepingCapacity: true)
        }
    }

    private func runHooks() {
        guard !hooks.isEmpty else { return }
        let due = hooks
        hooks.removeAll(keepingCapacity: true)
        for hook in due { isolated { hook() } }
    }

    private func timeout() -> Int32 {
        guard ready.isEmpty, hooks.isEmpty else { return 0 }
        guard let earliest = isolated({ timers.earliest }) else { return -1 }
        let left = earliest.nanoseconds - MonotonicTime.now.nanoseconds
        guard left > 0 else { return 0 }
        // Rounded up: waking a fraction of a millisecond early would spin until the deadline.
        return Int32(min((left + 999_999) / 1_000_000, 60_000))
    }

    @Reactor
    private func deliver(_ events: [epoll_event], count: Int) {
        hasSeenAll = count < events.count
        for index in 0..<count {
            var event = events[index]
            let data = lw_epoll_data(&event)
            let fd = Int32(truncatingIfNeeded: data & 0xffff_ffff)
            if fd == wake {
                takeInbox()
                continue
            }
            guard Int(fd) < slots.count, let slot = slots[Int(fd)], slot.registration == UInt32(data >> 32) else {
                continue
            }
            slot.handler.ready(Readiness(rawValue: event.events))
        }
    }

    private func takeInbox() {
        var count: UInt64 = 0
        _ = read(wake, &count, 8)
        let jobs = inbox.withLock { inbox in
            defer {
                inbox.jobs.removeAll(keepingCapacity: true)
                inbox.wakePending = false
            }
            return inbox.jobs
        }
        ready.append(contentsOf: jobs)
    }

    private func fireTimers() {
        isolated {
            guard timers.earliest != nil else { return }
            let now = MonotonicTime.now
            while let action = timers.takeDue(now) { action() }
        }
    }

    private func signalWake() {
        var one: UInt64 = 1
        _ = write(wake, &one, 8)
    }

    /// Enters the reactor's isolation from the loop's own thread, where it holds by construction.
    private func isolated<Result>(_ body: @Reactor () -> Result) -> Result {
        typealias Plain = () -> Result
        return withoutActuallyEscaping(body) { body in unsafeBitCast(body, to: Plain.self)() }
    }
}

/// At file scope, so that it carries no isolation of its own onto the new thread.
private func runEventLoop(_ context: UnsafeMutableRawPointer?) -> UnsafeMutableRawPointer? {
    guard let context else { return nil }
    lw_name_thread("reactor")
    Unmanaged<EventLoop>.fromOpaque(context).takeRetainedValue().run()
    return nil
}
