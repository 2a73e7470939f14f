"""serves keystone, placement or a stub of neutron: NAME PORT CONFIGURATION"""
import json
import os
import sys

import eventlet

eventlet.monkey_patch()
import eventlet.wsgi

name, port, conf = sys.argv[1], int(sys.argv[2]), sys.argv[3]
sys.argv = [name]


def neutron(environ, start_response):
    """answers every question with: there is none"""
    path = environ['PATH_INFO'].rstrip('/')
    kind = path.rsplit('/', 1)[-1].replace('.json', '')
    status, body = '200 OK', {kind.replace('-', '_'): []}
    if path == '':
        link = {'rel': 'self', 'href': 'http://%s/v2.0/' % environ['HTTP_HOST']}
        body = {'versions': [{'id': 'v2.0', 'status': 'CURRENT', 'links': [link]}]}
    elif '/quotas' in path:
        body = {'quota': {'port': -1, 'network': -1}}
    start_response(status, [('Content-Type', 'application/json')])
    return [json.dumps(body).encode()]


if name == 'keystone':
    os.environ['OS_KEYSTONE_CONFIG_FILES'] = conf
    from keystone.server.wsgi import initialize_public_application
    app = initialize_public_application()
elif name == 'placement':
    os.environ['OS_PLACEMENT_CONFIG_DIR'] = os.path.dirname(conf)
    from placement.wsgi import init_application
    app = init_application()
else:
    app = neutron
eventlet.wsgi.server(eventlet.listen(('127.0.0.1', port), reuse_addr=True), app, max_size=64)
