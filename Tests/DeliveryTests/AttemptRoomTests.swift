import Domain
import EventLoop
import Storage
import Testing

@testable import Delivery

@Suite struct AttemptRoomTests {
    private static let number = AttemptRoom.Number(account: Account.ID(1), instance: Instance.ID(1))
    private static let other = AttemptRoom.Number(account: Account.ID(1), instance: Instance.ID(2))

    @Reactor private static func full(_ count: Int64) -> (VerdictBoard, AttemptRoom) {
        let board = VerdictBoard()
        for id in 1...count { board.begin(Message.ID(id), by: number) }
        return (board, AttemptRoom(board, fewest: 3, most: 6))
    }

    @Test @Reactor func `a number has three seconds' worth of attempts, within bounds`() {
        let (_, room) = Self.full(2)
        #expect(room.left(of: Self.number, nil) == 1)
        #expect(room.left(of: Self.number, .cloud(perSecond: 1)) == 1)
        // The burst of a number is what it sends in a second.
        #expect(room.left(of: Self.number, .cloud(perSecond: 2)) == 4)
        #expect(room.left(of: Self.number, .cloud(perSecond: 80)) == 4)
        #expect(room.left(of: Self.other, nil) == 3)
    }

    @Test @Reactor func `who comes while others wait goes behind them`() {
        let (board, room) = Self.full(3)
        #expect(!room.admits(Self.number, nil))
        #expect(room.admits(Self.other, nil))
        board.end(Message.ID(1), by: Self.number, nil)
        #expect(room.left(of: Self.number, nil) == 1)
        #expect(!room.admits(Self.number, nil))
        room.relieve(allBut: [Self.number])
        #expect(!room.admits(Self.number, nil))
        room.relieve(Self.number)
        #expect(room.admits(Self.number, nil))
    }

    @Test @Reactor func `once nothing is due nobody waits for anybody`() {
        let (board, room) = Self.full(3)
        #expect(!room.admits(Self.number, nil))
        board.end(Message.ID(1), by: Self.number, nil)
        room.relieve(allBut: [Self.other])
        #expect(room.admits(Self.number, nil))
    }

    @Test @Reactor func `an attempt that is begun twice ends twice`() {
        let (board, room) = Self.full(2)
        board.begin(Message.ID(2), by: Self.number)
        #expect(room.left(of: Self.number, nil) == 0)
        board.end(Message.ID(2), by: Self.number, nil)
        #expect(room.left(of: Self.number, nil) == 1)
        board.end(Message.ID(2), by: Self.number, nil)
        board.end(Message.ID(1), by: Self.number, nil)
        #expect(room.left(of: Self.number, nil) == 3)
        #expect(board.attemptsInFlight == 0)
    }
}
