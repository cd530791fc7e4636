#!/usr/bin/env python3
"""The rows of the tasks' timing table, by CPython's asyncio: nanoseconds per operation, medians of five.

    python3 benches/asyncio.py [OPERATIONS]
"""

import os
import statistics
import sys
import time

# Import the standard library's asyncio, not this file.
sys.path = [path for path in sys.path if os.path.abspath(path) != os.path.dirname(os.path.abspath(__file__))]
import asyncio  # noqa: E402


async def naps(n, value):
    for _ in range(n):
        await asyncio.sleep(0)
    return value


async def task_each(n):
    for i in range(n):
        await asyncio.create_task(naps(1, i))


async def task_all(n, suspensions=1):
    for task in [asyncio.create_task(naps(suspensions, i)) for i in range(n)]:
        await task


async def task_all_10(n):
    await task_all(n, 10)


async def timers(n):
    for task in [asyncio.create_task(asyncio.sleep(i * 7919 % 1000 / 1e6)) for i in range(n)]:
        await task


async def timeout(n):
    for _ in range(n):
        async with asyncio.timeout(1000):
            await asyncio.sleep(0)


async def cancel(n):
    tasks = [asyncio.create_task(asyncio.sleep(1000)) for _ in range(n)]
    await asyncio.sleep(0)
    for task in tasks:
        task.cancel()
    for task in tasks:
        try:
            await task
        except asyncio.CancelledError:
            pass


async def ping_pong(n):
    loop = asyncio.get_running_loop()

    async def pong(here):
        for _ in range(n):
            back = await here
            here = loop.create_future()
            back.set_result(here)

    there = loop.create_future()
    other = asyncio.create_task(pong(there))
    for _ in range(n):
        back = loop.create_future()
        there.set_result(back)
        there = await back
    await other


async def gather(n):
    for _ in range(n // 1000):
        await asyncio.gather(*[naps(1, i) for i in range(1000)])


def main():
    n = int(sys.argv[1]) if len(sys.argv) > 1 else 20_000
    print(f"CPython {sys.version.split()[0]}, {n} operations, ns/op")
    for row in [task_each, task_all, task_all_10, timers, timeout, cancel, ping_pong, gather]:
        times = []
        for _ in range(5):
            begin = time.perf_counter_ns()
            asyncio.run(row(n))
            times.append((time.perf_counter_ns() - begin) / n)
        print(f"{row.__name__:12} {statistics.median(times):9.0f}", flush=True)


main()
