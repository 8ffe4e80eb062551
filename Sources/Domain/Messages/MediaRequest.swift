/// A file that a caller wants sent; what kind of message it makes may be the file's own to tell.
package struct MediaRequest: Sendable, Hashable {
    /// Nil: as the stored file is.
    package var kind: MediaKind?
    package var reference: MediaReference
    package var caption: String?
    /// Where the caption stands in the body.
    package var captionPointer: String
    package var filename: String?

    package init(
        kind: MediaKind?, reference: MediaReference, caption: String? = nil, captionPointer: String = "/media/caption",
        filename: String? = nil
    ) {
        self.kind = kind
        self.reference = reference
        self.caption = caption
        self.captionPointer = captionPointer
        self.filename = filename
    }

    /// - Parameter stored: the files of the account that the request names.
    func judged(among stored: [Medium]) -> Result<OutboundContent.MediaContent, ContentFaults> {
        guard case .stored(let id) = reference else {
            guard let kind else { return .failure(ContentFaults([ContentFault("/type", .required)])) }
            return .success(
                OutboundContent.MediaContent(kind: kind, reference: reference, caption: caption, filename: filename))
        }
        guard let medium = stored.first(where: { $0.id == id }) else {
            return .failure(ContentFaults([ContentFault("/media/id", .notFound)]))
        }
        let kind = kind ?? medium.kind
        var faults: [ContentFault] = []
        if medium.kind != kind { faults.append(ContentFault("/media/id", .typeMismatch, ["type": kind.rawValue])) }
        // A received sticker is no kind that can be sent.
        if MessageKind(kind) == nil {
            faults.append(ContentFault("/media/id", .typeMismatch, ["type": MediaKind.image.rawValue]))
        }
        if caption != nil, !kind.takesCaption {
            faults.append(ContentFault(captionPointer, .misplaced, ["type": kind.rawValue]))
        }
        if filename != nil, !kind.takesFilename {
            faults.append(ContentFault("/media/filename", .misplaced, ["type": kind.rawValue]))
        }
        guard faults.isEmpty else { return .failure(ContentFaults(faults)) }
        return .success(
            OutboundContent.MediaContent(
                kind: kind, reference: reference, caption: caption,
                filename: filename ?? (kind.takesFilename ? medium.filename : nil)))
    }
}

/// Why a message is none: never empty.
package struct ContentFaults: Error, Sendable, Hashable {
    package let all: [ContentFault]

    init(_ all: [ContentFault]) { self.all = all }
}
