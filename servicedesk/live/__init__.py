"""The process `live`: sockets of open pages and of chats' visitors, and what they are told (docs/adr/0020-sockets.md).

One asyncio process, `manage.py desk_live`. It hears over Redis which tickets changed, asks PostgreSQL once for all who
look, and sends each page ids and versions of what its reader may see. It keeps nothing: killed, pages connect again and
ask for what they show; missing, they poll.
"""
