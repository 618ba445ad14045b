"""The record of a measurement as Markdown."""

from statistics import median

from contestants import SIZES, UPDATES_PER_CALL, Contestant, Json


def spread(values: list[float], digits: int) -> str:
    """Median, minimum and maximum."""
    low, middle, high = (f"{x:,.{digits}f}" for x in (min(values), median(values), max(values)))
    return f"{middle} ({low}–{high})"


def table(header: list[str], rows: list[list[str]]) -> str:
    """A Markdown table, its first column to the left and the others to the right."""
    rule = ["---", *["---:" for _ in header[1:]]]
    return "\n".join(f"| {' | '.join(row)} |" for row in [header, rule, *rows])


def table_of_updates(contestants: list[Contestant], results: list[Json]) -> str:
    """Updates per second, and the ratios of ours to the peers'."""
    ours, *peers = contestants
    titles = [one.title for one in contestants]
    header = ["updates per second", "threads", *titles, *[f"{ours.title} / {peer.title}" for peer in peers]]
    rows = []
    for result in results:
        rounds, size = result["rounds"], SIZES[result["name"]]
        medians = [f"{median(one[c.key] for one in rounds):,.0f}" for c in contestants]
        ratios = [spread([one[ours.key] / one[peer.key] for one in rounds], 2) for peer in peers]
        rows.append([str(size), str(size.threads), *medians, *ratios])
    return table(header, rows)


def table_of_training(contestants: list[Contestant], result: Json) -> str:
    """Seconds, steps per second and memory of a training, and how many times as long the peers take."""
    ours, timesteps = contestants[0], result["timesteps"]
    task = f"{result['title']}, {timesteps:,} steps"
    header = [task, "seconds", "steps per second", f"times {ours.title}'s seconds", "peak memory, MiB"]
    rows = []
    for one in contestants:
        seconds = [done[one.key]["seconds"] for done in result["rounds"]]
        rate = f"{timesteps / median(seconds):,.0f}"
        times = [done[one.key]["seconds"] / done[ours.key]["seconds"] for done in result["rounds"]]
        times = "" if one is ours else spread(times, 1)
        peak = median(done[one.key]["peak_mib"] for done in result["rounds"])
        rows.append([one.title, spread(seconds, 1), rate, times, f"{peak:,.0f}"])
    return table(header, rows)


def footer(record: Json) -> str:
    """Where, when, with what and how."""
    versions = ", ".join(f"{name} {version}" for name, version in record["versions"].items())
    cpu, cores, system, load = record["machine"].values()
    rounds, seconds = record["rounds"], record["seconds"]
    lines = [
        f"{record['date']}, {cpu}, {cores} cores, {system}, load {load:.1f} before.",
        f"{versions}.",
        f"Rounds in turn: {rounds}; updates for {seconds:g} s each, {UPDATES_PER_CALL} in a call of a peer's `train`.",
        "Medians; ratios are taken within a round: median (lowest–highest).",
    ]
    return "\n".join(lines)
