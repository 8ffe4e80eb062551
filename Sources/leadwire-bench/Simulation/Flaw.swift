/// A guard taken away, so that whoever judges the runs is judged first: each must be found out.
enum Flaw: String, CaseIterable, Sendable {
    /// A late worker's word on an attempt that is his no more is taken.
    case fencing
    /// A report overwrites the status, whatever stands higher.
    case ladder
    /// An attempt whose lease ran out is queued again.
    case rescue
    /// The window is judged when a message is taken, and not again when it leaves.
    case window
    /// The idempotency claim is written after the message, in a transaction of its own.
    case idempotency
    /// A message is sent ahead of an earlier one of its conversation that waits.
    case order
    /// Between the first look and the provider nobody looks again, however long that lasts.
    case lastLook
    /// A retry does not look whether the message is as it was judged.
    case retry
    /// A report that comes before the answer was stored is let go.
    case parking
    /// A contact is written to however fast.
    case pace
    /// Nobody looks for leases that are over.
    case forgotten
}
