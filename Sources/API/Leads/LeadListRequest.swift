import Crypto
import Domain
import HTTP
import Storage

/// What `GET /leads` is asked for.
struct LeadListRequest {
    /// Late commits are seen: a change that was under way then carries an earlier instant (PRODUCT § 4).
    private static let overlap = Duration.seconds(30)
    private static let tagLimit = 20

    private(set) var filter = LeadFilter()
    let paging: Paging
    let inclusions: [LeadStore.Inclusion]
    /// Where the page before ended, and when the first one was asked for if the order is one that changes would upset.
    private(set) var position: LeadFilter.Position?
    private(set) var until: Timestamp?

    init(_ query: inout QueryReader, _ caller: Exchange.Caller, now: Timestamp) throws {
        inclusions = try LeadInclusions.read(&query, caller)
        let cursor: LeadCursor?
        (paging, cursor) = Paging.read(&query, pages: true, decode: LeadCursor.init(decoding:))
        filter = Self.filter(&query, caller, now: now)
        filter.order = query.word("sort", LeadFilter.Order.self) ?? standardOrder
        if filter.order == .window, filter.window?.isOpen != true {
            query.fail("sort", "not_allowed", Faults.openWindow)
        }
        if case .cursor = paging { goOn(from: cursor, &query, now: now) }
    }

    /// What narrows a list of leads, whole or in pages.
    static func filter(_ query: inout QueryReader, _ caller: Exchange.Caller, now: Timestamp) -> LeadFilter {
        var filter = LeadFilter()
        filter.instances = caller.key.instanceIDs
        filter.pipelineID = query.integer("pipeline_id", in: 1...Lead.ID.maximum)
        filter.stageID = query.integer("stage_id", in: 1...Lead.ID.maximum)
        filter.assignedTo = query.integer("assigned_to", in: 1...Lead.ID.maximum)
        filter.source = query.text("source")
        filter.status = query.word("status", Lead.Status.self)
        filter.tags = query.texts("tags", maximum: 64, count: Self.tagLimit)
        filter.q = query.text("q", maximum: 200)
        filter.updatedSince = query.instant("updated_since").map {
            $0 + .microseconds(-Self.overlap.microseconds)
        }
        filter.createdFrom = query.instant("created_from")
        filter.createdBefore = query.end("created_to")
        let within = query.within() ?? ServiceWindow.closing
        filter.window = query.word("window", LeadFilter.Window.State.self).map { .init($0, within: within, now: now) }
        return filter
    }

    /// A range comes in its own order, so that its first page is found without looking at all of it. By page number
    /// changes come newest lead first: in the order of the changes a row that changes meanwhile would shift the others
    /// past the reader.
    private var standardOrder: LeadFilter.Order {
        if filter.window?.isOpen == true { return .window }
        if filter.updatedSince != nil, case .cursor = paging { return .updated }
        return filter.createdFrom == nil && filter.createdBefore == nil ? .newest : .createdLast
    }

    /// In the order in which the list was begun.
    private mutating func goOn(from cursor: LeadCursor?, _ query: inout QueryReader, now: Timestamp) {
        if let cursor, cursor.order != filter.order {
            query.fail("cursor", "invalid_cursor", Faults.cursor)
        }
        position = cursor?.position
        until = filter.order == .updated ? cursor?.position.until ?? now : nil
        filter.updatedBefore = until
    }

    func cursor(after lead: LeadRecord) throws -> String {
        let end = try lead.position(in: filter.order, until: until, after: position, behind: inclusions)
        return LeadCursor(order: filter.order, position: end).encoded
    }
}

/// Where a page of leads or contacts ended, opaque to callers.
struct LeadCursor {
    let order: LeadFilter.Order
    let position: LeadFilter.Position

    init(order: LeadFilter.Order, position: LeadFilter.Position) {
        self.order = order
        self.position = position
    }

    var encoded: String {
        guard order != .newest else { return Paging.encode(position.id) }
        let snapshot = position.snapshot.map { ";\($0.text)" } ?? ""
        let until = position.until.map { "\($0.microseconds)\(snapshot)" } ?? ""
        return Base64.encode(
            Array("2.\(order.rawValue).\(until).\(position.id).\(position.key)".utf8), .urlSafe)
    }

    /// nil for what is no cursor of this list.
    init?(decoding cursor: String) {
        if let id = Paging.decode(cursor) {
            self.init(order: .newest, position: .init(id: id, key: "", until: nil))
            return
        }
        guard let bytes = Base64.decode(cursor, .urlSafe), let text = String(validating: bytes, as: UTF8.self) else {
            return nil
        }
        let parts = text.split(separator: ".", maxSplits: 4, omittingEmptySubsequences: false).map(String.init)
        guard parts.count == 5, parts[0] == "2", let order = LeadFilter.Order(rawValue: parts[1]), order != .newest,
            let id = Int64(parts[3]), id >= 0, !text.utf8.contains(0),
            order == .name || order == .nameLast || Int64(parts[4]) != nil
        else { return nil }
        let bounds = parts[2].split(separator: ";", maxSplits: 1, omittingEmptySubsequences: false)
        let until = bounds.first.flatMap { Int64($0) }.map { Timestamp(microseconds: $0) }
        if let until, !(Timestamp.earliest...Timestamp.latest).contains(until) { return nil }
        let snapshot = bounds.count == 2 ? ReadSnapshot(String(bounds[1])) : nil
        guard (until != nil) == (order == .updated), (snapshot != nil) == (bounds.count == 2) else { return nil }
        self.init(order: order, position: .init(id: id, key: parts[4], until: until, snapshot: snapshot))
    }
}

extension QueryReader {
    /// What a window that is closing has left at most: minutes, or with its unit, as `90`, `90m` or `2h`; all of it at
    /// most.
    fileprivate mutating func within() -> Duration? {
        guard let text = text("within") else { return nil }
        let digits = text.prefix { $0.isASCII && $0.isNumber }
        guard !digits.isEmpty, let unit = ["": Int64(60), "m": 60, "h": 3600][text.dropFirst(digits.count)] else {
            fail("within", "invalid_format", Faults.span)
            return nil
        }
        let longest = ServiceWindow.length.components.seconds / unit
        guard let count = Int64(digits), (1...longest).contains(count) else {
            fail("within", "out_of_range", Faults.outOfRange)
            return nil
        }
        return .seconds(count * unit)
    }
}
