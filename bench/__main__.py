"""`make bench`: everything side by side in one run, so that the ratios hold on a noisy machine. Prints Markdown."""

import asyncio
import platform
import statistics

from bench import answers, coverage, export, fan_out, growth, unsealing, web


def main() -> None:
    print(f"Python {platform.python_version()}, {platform.machine()}. Every ratio is within one run.\n")
    print("## Answers a second, end to end, 300 people (`synchronous=FULL`)\n")
    rounds = asyncio.run(answers.measure())
    print("| | answers/s | ms of the bot's CPU per answer |\n|---|---|---|")
    for place, name in enumerate(("Besyv", "echo bot, stock PTB", "echo bot, PTB on our aiohttp transport")):
        rate = statistics.median(loads[place].answers_per_second for loads in rounds)
        cpu = statistics.median(loads[place].bot_cpu_seconds_per_answer for loads in rounds) * 1000
        print(f"| {name} | {rate:,.0f} | {cpu:.2f} |")
    for place, name in ((1, "the stock echo bot"), (2, "the echo bot on aiohttp")):
        ratios = [loads[0].answers_per_second / loads[place].answers_per_second for loads in rounds]
        print(f"\nBesyv against {name}: {statistics.median(ratios):.2f} (of {', '.join(f'{r:.2f}' for r in ratios)}).")
    print(f"\n## Answers a second through the web, on one core, {web.PEOPLE} people (`synchronous=FULL`)\n")
    print("\n".join(web.report(asyncio.run(web.measure()))))
    print("\n| a question's page | bytes | with styles, script and icon |\n|---|---|---|")
    for kind, weight in asyncio.run(web.weights()).items():
        print(f"| {kind} | {weight.page:,} | {weight.all_told:,} |")
    print("\n## As data grows\n")
    fewer, more = asyncio.run(growth.cost_of_an_answer())
    print(f"One answer costs {fewer:.3f} ms with 1,000 stored and {more:.3f} ms with 200,000: × {more / fewer:.2f}.")
    small, large = asyncio.run(growth.memory(100)), asyncio.run(growth.memory(20_000))
    print(f"\nResident: {small:.0f} MB with 100 open conversations, {large:.0f} MB with 20,000: × {large / small:.2f}.")
    print("\n## Coverage, against counting afresh\n")
    print("\n".join(coverage.report(coverage.measure())))
    print("\n## A message due to thousands at once\n")
    print("\n".join(fan_out.report(fan_out.rows(), asyncio.run(fan_out.out()))))
    print("\n## Opening answers, a key for each person\n")
    print("\n".join(unsealing.report(unsealing.measure())))
    print("\n## Export of 200,000 answers against `sqlite3 -csv`\n")
    for name, figure in export.measure(200_000):
        print(f"- {name}: {figure}")


if __name__ == "__main__":
    main()
