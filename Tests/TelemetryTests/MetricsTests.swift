import Telemetry
import Testing

@Suite("Metrics") struct MetricsTests {
    let metrics = Metrics()

    @Test func `counters, gauges and readings are rendered by name`() {
        metrics.gauge("b_open", help: "Open connections.").set(7)
        let counter = metrics.counter("a_total", help: "Things.")
        counter.increment()
        counter.increment(by: 4)
        metrics.reading("c_share", help: "A share.") { 0.25 }
        let gauge = metrics.gauge("b_open", help: "Open connections.")
        gauge.add(-2)
        #expect(
            metrics.render() == """
                # HELP a_total Things.
                # TYPE a_total counter
                a_total 5
                # HELP b_open Open connections.
                # TYPE b_open gauge
                b_open 5
                # HELP c_share A share.
                # TYPE c_share gauge
                c_share 0.25

                """)
    }

    @Test func `labels are rendered escaped and in order of first use`() {
        let family = metrics.counters("requests_total", help: "Two\nlines \\ \"q\".", labels: ["route", "status"])
        family.labeled("GET /b", "200").increment()
        family.labeled("a\"\\\n", "500").increment(by: 2)
        family.labeled("GET /b", "200").increment()
        #expect(
            metrics.render() == #"""
                # HELP requests_total Two\nlines \\ "q".
                # TYPE requests_total counter
                requests_total{route="GET /b",status="200"} 2
                requests_total{route="a\"\\\n",status="500"} 2

                """#)
    }

    @Test func `past the limit new label values share one instrument`() {
        let family = metrics.counters("c_total", help: "C.", labels: ["account"], limit: 3)
        for account in 0..<1000 { family.labeled(String(account)).increment() }
        family.labeled("1").increment()
        #expect(family.labeled("0").value == 1)
        #expect(family.labeled("1").value == 2)
        #expect(family.labeled("other").value == 997)
        #expect(metrics.render().split(separator: "\n").count == 2 + 4)
    }

    @Test func `too few or too many label values do not break the shape`() {
        let family = metrics.gauges("g", help: "G.", labels: ["a", "b"])
        family.labeled("x").set(1)
        family.labeled("y", "z", "w").set(2)
        #expect(metrics.render().contains("g{a=\"x\",b=\"\"} 1\ng{a=\"y\",b=\"z\"} 2\n"))
    }

    @Test func `a histogram counts cumulatively with inclusive bounds`() {
        let histogram = metrics.histogram("seconds", help: "S.", bounds: [1, 0.5])
        for value in [0.25, 0.5, 0.75, 1, 4] { histogram.observe(value) }
        histogram.observe(.milliseconds(250))
        #expect(histogram.count == 6)
        #expect(
            metrics.render() == """
                # HELP seconds S.
                # TYPE seconds histogram
                seconds_bucket{le="0.5"} 3
                seconds_bucket{le="1"} 5
                seconds_bucket{le="+Inf"} 6
                seconds_sum 6.75
                seconds_count 6

                """)
    }

    @Test func `a labelled histogram keeps its labels beside the bound`() {
        metrics.histograms("h", help: "H.", labels: ["route"], bounds: [1]).labeled("r").observe(2)
        #expect(metrics.render().contains("h_bucket{route=\"r\",le=\"1\"} 0\n"))
        #expect(metrics.render().contains("h_sum{route=\"r\"} 2\nh_count{route=\"r\"} 1\n"))
    }

    @Test func `a name asked for again is the same instrument`() {
        metrics.counter("again_total", help: "A.").increment()
        metrics.counter("again_total", help: "A.").increment()
        #expect(metrics.counter("again_total", help: "A.").value == 2)
    }

    @Test func `no increment of many tasks is lost`() async {
        let counter = metrics.counter("busy_total", help: "B.")
        let histogram = metrics.histogram("busy_seconds", help: "B.", bounds: [1])
        await withTaskGroup(of: Void.self) { group in
            for _ in 0..<8 {
                group.addTask {
                    for _ in 0..<1000 {
                        counter.increment()
                        histogram.observe(0.5)
                    }
                }
            }
        }
        #expect(counter.value == 8000)
        #expect(histogram.count == 8000)
    }

    @Test func `infinities and NaN are written as Prometheus reads them`() {
        for (name, value) in [("a", Double.infinity), ("b", -.infinity), ("c", .nan)] {
            metrics.reading(name, help: "x") { value }
        }
        let samples = metrics.render().split(separator: "\n").filter { !$0.hasPrefix("#") }
        #expect(samples == ["a +Inf", "b -Inf", "c NaN"])
    }
}
