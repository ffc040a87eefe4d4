import { execFileSync } from 'child_process';
import * as fs from 'fs';
import * as http from 'http';
import * as https from 'https';
import { AddressInfo } from 'net';
import * as os from 'os';
import * as path from 'path';
import { Edge } from './edge';

/** An edge on 127.0.0.1, over HTTPS with a self-signed certificate and over HTTP. */
export interface EdgeServer {
  readonly httpsPort: number;
  readonly httpPort: number;
  close(): Promise<void>;
}

/** Serves an edge until it is closed. */
export async function serve(edge: Edge): Promise<EdgeServer> {
  const secure = https.createServer(selfSigned(), listener(edge, 'https'));
  const open = http.createServer(listener(edge, 'http'));
  const [httpsPort, httpPort] = await Promise.all([secure, open].map(listen));
  return {
    httpsPort,
    httpPort,
    close: async () => {
      for (const server of [secure, open]) server.closeAllConnections();
      await Promise.all([secure, open].map((server) => new Promise((resolve) => server.close(resolve))));
    },
  };
}

function listener(edge: Edge, protocol: 'http' | 'https'): http.RequestListener {
  return async (request, response) => {
    const chunks: Buffer[] = [];
    for await (const chunk of request) chunks.push(chunk as Buffer);
    const headers = Object.fromEntries(Object.entries(request.headers).map(([name, value]) => [name, String(value)]));
    const viewerRequest = {
      protocol,
      host: headers.host,
      method: request.method!,
      url: request.url!,
      headers,
      body: Buffer.concat(chunks),
    };
    const answer = await edge
      .answer(viewerRequest)
      .catch((error: Error) => ({ status: 500, headers: {}, body: Buffer.from(error.message) }));
    response.writeHead(answer.status, { ...answer.headers, 'content-length': answer.body.length });
    response.end(request.method === 'HEAD' ? undefined : answer.body);
  };
}

function listen(server: http.Server | https.Server): Promise<number> {
  return new Promise((resolve) => server.listen(0, '127.0.0.1', () => resolve((server.address() as AddressInfo).port)));
}

function selfSigned(): { key: string; cert: string } {
  const folder = fs.mkdtempSync(path.join(os.tmpdir(), 'edge-'));
  try {
    const [key, cert] = ['key.pem', 'cert.pem'].map((file) => path.join(folder, file));
    execFileSync(
      'openssl',
      [
        'req',
        '-x509',
        '-newkey',
        'ec',
        '-pkeyopt',
        'ec_paramgen_curve:P-256',
        '-nodes',
        '-days',
        '2',
        '-subj',
        '/CN=localhost',
        '-keyout',
        key,
        '-out',
        cert,
      ],
      { stdio: 'ignore' },
    );
    return { key: fs.readFileSync(key, 'utf8'), cert: fs.readFileSync(cert, 'utf8') };
  } finally {
    fs.rmSync(folder, { recursive: true });
  }
}
