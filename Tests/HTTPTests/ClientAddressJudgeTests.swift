import EventLoop
import Testing

@testable import HTTP

@Suite struct ClientAddressJudgeTests {
    @Test(arguments: [
        "1.1.1.1", "8.8.8.8", "9.255.255.255", "11.0.0.0", "100.63.255.255", "100.128.0.0", "126.255.255.255",
        "128.0.0.0", "169.253.255.255", "172.15.255.255", "172.32.0.0", "192.0.1.1", "192.167.255.255", "192.169.0.0",
        "198.17.255.255", "198.20.0.0", "223.255.255.255", "2606:4700::1111", "2a00:1450::1", "2001:200::1",
        "::ffff:8.8.8.8", "64:ff9b::808:808",
    ])
    func `what all the Internet reaches may be connected to`(_ ip: String) throws {
        #expect(AddressJudge().allows(try #require(SocketAddress(ip: ip, port: 443))))
    }

    @Test(arguments: [
        "0.0.0.0", "0.1.2.3", "10.0.0.1", "10.255.255.255", "100.64.0.0", "100.127.255.255", "127.0.0.1",
        "127.255.255.255", "169.254.169.254", "172.16.0.0", "172.31.255.255", "192.0.0.1", "192.0.2.1", "192.88.99.1",
        "192.168.0.1", "198.18.0.0", "198.19.255.255", "198.51.100.7", "203.0.113.9", "224.0.0.1", "239.255.255.255",
        "240.0.0.1", "255.255.255.255", "::", "::1", "::8.8.8.8", "::ffff:127.0.0.1", "::ffff:10.0.0.1",
        "::ffff:169.254.169.254", "::ffff:0:8.8.8.8", "64:ff9b::7f00:1", "64:ff9b::a9fe:a9fe", "64:ff9b:1::1",
        "100::1", "2001::1", "2001:0:4136:e378:8000:63bf:3fff:fdd2", "2001:2::1", "2001:10::1", "2001:20::1",
        "2001:db8::1", "2002:7f00:1::", "2002:808:808::1", "3fff::1", "3fff:fff::1", "4000::1", "5f00::1", "fc00::1",
        "fd12:3456::1", "fe80::1", "febf::1", "fec0::1", "ff02::1", "ff0e::1",
    ])
    func `what stands beside this process may not, however it is written`(_ ip: String) throws {
        #expect(!AddressJudge().allows(try #require(SocketAddress(ip: ip, port: 443))))
    }

    @Test func `the operator's word opens a range and no more`() throws {
        let ranges = ["10.1.0.0/16", "fd00:1::/32", "192.168.7.9"].compactMap(AddressRange.init)
        #expect(ranges.count == 3)
        let judge = AddressJudge(allowing: ranges)
        for ip in ["10.1.2.3", "::ffff:10.1.2.3", "fd00:1:ffff::1", "192.168.7.9", "8.8.8.8"] {
            #expect(judge.allows(try #require(SocketAddress(ip: ip, port: 1))), "\(ip)")
        }
        for ip in ["10.2.0.0", "10.0.255.255", "fd00:2::1", "192.168.7.8", "::1"] {
            #expect(!judge.allows(try #require(SocketAddress(ip: ip, port: 1))), "\(ip)")
        }
    }
}
