/// A queue in one array: what was taken is cut off when it outgrows what is left.
struct FIFO<Element> {
    private var elements: [Element?] = []
    private var head = 0

    var count: Int { elements.count - head }
    var isEmpty: Bool { head == elements.count }

    mutating func append(_ element: Element) { elements.append(element) }

    mutating func popFirst() -> Element? {
        guard !isEmpty else { return nil }
        let element = elements[head]
        elements[head] = nil
        head += 1
        if head == elements.count {
            elements.removeAll(keepingCapacity: true)
            head = 0
        } else if head >= 64, head * 2 >= elements.count {
            elements.removeFirst(head)
            head = 0
        }
        return element
    }

    /// Takes one out of the middle; costs as much as the queue is long.
    mutating func removeFirst(where isIt: (Element) -> Bool) -> Element? {
        guard let index = elements[head...].firstIndex(where: { $0.map(isIt) ?? false }) else { return nil }
        return elements.remove(at: index)
    }

    var first: Element? { isEmpty ? nil : elements[head] }

    /// Takes the first element out of its place, to work on it without a copy; `putBack` must follow.
    mutating func borrowFirst() -> Element? {
        guard !isEmpty else { return nil }
        let element = elements[head]
        elements[head] = nil
        return element
    }

    mutating func putBack(_ element: Element) { elements[head] = element }

    mutating func withLast<Result>(_ body: (inout Element) -> Result) -> Result? {
        guard !isEmpty, let index = elements.indices.last, var element = elements[index] else { return nil }
        elements[index] = nil
        defer { elements[index] = element }
        return body(&element)
    }
}

extension FIFO: Sendable where Element: Sendable {}
