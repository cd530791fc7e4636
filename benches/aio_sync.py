#!/usr/bin/env python3
"""The rows of locks and queues in asyncio: nanoseconds per operation, the median of five rounds."""

import os
import statistics
import sys
import time

# Import the standard library, not the asyncio.py beside this file.
sys.path = [path for path in sys.path if os.path.abspath(path) != os.path.dirname(os.path.abspath(__file__))]
import asyncio  # noqa: E402

TASKS = 16
OPERATIONS = 80_000


async def lock_free(n):
    lock, total = asyncio.Lock(), 0
    for i in range(n):
        async with lock:
            total += i


async def crowd(body):
    await asyncio.gather(*(body() for _ in range(TASKS)))


async def busy(gate, n):
    async def body():
        for _ in range(n // TASKS):
            async with gate:
                await asyncio.sleep(0)

    await crowd(body)


async def lock_busy(n):
    await busy(asyncio.Lock(), n)


async def semaphore_free(n):
    semaphore = asyncio.Semaphore(3)
    for _ in range(n):
        async with semaphore:
            pass


async def semaphore_busy(n):
    await busy(asyncio.Semaphore(3), n)


async def queue_free(n):
    queue = asyncio.Queue(64)
    for i in range(n):
        await queue.put(i)
        await queue.get()


async def queue(room, n):
    items = asyncio.Queue(room)

    async def produce():
        for i in range(n):
            await items.put(i)

    producer = asyncio.create_task(produce())
    for _ in range(n):
        await items.get()
    await producer


async def queue_64(n):
    await queue(64, n)


async def queue_1(n):
    await queue(1, n)


def main():
    print(f"CPython {sys.version.split()[0]}, ns/op")
    for row in (lock_free, lock_busy, semaphore_free, semaphore_busy, queue_free, queue_64, queue_1):
        times = []
        for _ in range(5):
            begin = time.perf_counter()
            asyncio.run(row(OPERATIONS))
            times.append((time.perf_counter() - begin) * 1e9 / OPERATIONS)
        print(f"{row.__name__:<14}{statistics.median(times):>10.0f}")


main()
