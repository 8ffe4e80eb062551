/// What `EXPLAIN (ANALYZE, BUFFERS)` tells.
enum PlanFigures {
    /// The pages of eight kilobytes that the whole plan touched: `Buffers: shared hit=3 read=1`.
    static func pages(_ plan: [String]) -> Int? {
        plan.first { $0.contains("Buffers:") }?.matches(of: /(?:hit|read)=(\d+)/).compactMap { Int($0.1) }.reduce(0, +)
    }
}
