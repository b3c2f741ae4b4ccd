"""`python -m bench.echo PORT`: the least that a server of sockets does. What one says it says back; and to sockets that
begin with "crowd <group>" it sends frames, group by group in turn, as a line at stdin tells it:

    <frames a second> <bytes of each>
"""

from __future__ import annotations

import asyncio
import itertools
import sys

from websockets.asyncio.server import ServerConnection, broadcast, serve

TICK = 0.25


class Echo:
    def __init__(self) -> None:
        self.groups: dict[str, set[ServerConnection]] = {}
        self.pace, self.size = 0.0, 0

    async def meet(self, socket: ServerConnection) -> None:
        async for message in socket:
            if isinstance(message, str) and message.startswith("crowd "):
                self.groups.setdefault(message, set()).add(socket)
            else:
                await socket.send(message)

    async def orders(self) -> None:
        reader = asyncio.StreamReader()
        await asyncio.get_running_loop().connect_read_pipe(
            lambda: asyncio.StreamReaderProtocol(reader), sys.stdin
        )
        while line := await reader.readline():
            pace, size = line.split()
            self.pace, self.size = float(pace), int(size)

    async def crowd(self) -> None:
        loop = asyncio.get_running_loop()
        due, left = loop.time(), 0.0
        turn = itertools.count()
        while True:
            due += TICK
            await asyncio.sleep(due - loop.time())
            left += self.pace * TICK
            groups = list(self.groups.values())
            while groups and left >= len(group := groups[next(turn) % len(groups)]):
                broadcast(group, "x" * self.size)
                left -= len(group)


async def main(port: int) -> None:
    echo = Echo()
    async with serve(echo.meet, "127.0.0.1", port, compression=None, ping_interval=10, ping_timeout=15):
        print("echo: ready", flush=True)
        await asyncio.gather(echo.orders(), echo.crowd())


if __name__ == "__main__":
    asyncio.run(main(int(sys.argv[1])))
