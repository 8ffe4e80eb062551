import Crypto
import Domain
import HTTP
import Storage

/// What `GET /leads` is asked for.
struct LeadListRequest {
    /// Late commits are seen: a change that was under way then carries an earlier instant (PRODUCT § 4).
    private static let overlap = Duration.seconds(30)
    /// What is left of a window that is closing, unless `within` says otherwise; at most all of it.
    private static let closing = (standard: Int64(60), maximum: Int64(24 * 60))
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
        let within = query.integer("within", in: 1...Self.closing.maximum) ?? Self.closing.standard
        filter.window = query.word("window", LeadFilter.Window.State.self).map {
            .init($0, within: .seconds(within * 60), now: now)
        }
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
        LeadCursor(order: filter.order, position: try lead.position(in: filter.order, until: until, behind: inclusions))
            .encoded
    }
}

/// Where a page of leads ended, opaque to callers.
struct LeadCursor {
    let order: LeadFilter.Order
    let position: LeadFilter.Position

    init(order: LeadFilter.Order, position: LeadFilter.Position) {
        self.order = order
        self.position = position
    }

    var encoded: String {
        guard order != .newest else { return Paging.encode(position.id) }
        let until = position.until.map { String($0.microseconds) } ?? ""
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
        let until = Int64(parts[2]).map { Timestamp(microseconds: $0) }
        guard (until != nil) == (order == .updated) else { return nil }
        self.init(order: order, position: .init(id: id, key: parts[4], until: until))
    }
}
