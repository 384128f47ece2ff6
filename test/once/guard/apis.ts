import 'reflect-metadata';
import type { AddressInfo } from 'node:net';
import { Controller, Get, HttpException, Module, Req, UseGuards } from '@nestjs/common';
import { NestFactory } from '@nestjs/core';
import { FastifyAdapter, type NestFastifyApplication } from '@nestjs/platform-fastify';
import express, { type Request } from 'express';
import fastify, { type FastifyRequest } from 'fastify';
import { expressGuard } from '../../../packages/guard/src/express.js';
import { fastifyGuard } from '../../../packages/guard/src/fastify.js';
import type { Auth, Guard } from '../../../packages/guard/src/guard.js';
import { nestGuard } from '../../../packages/guard/src/nest.js';

/** An API behind a guard: `/token` needs a token, `/books/:id` read on that book, `/both` two items. */
export interface GuardedApi {
  port: number;
  close: () => Promise<unknown>;
}

type WithId = { params: { id: string } };

const readBook = ({ params }: WithId) => `book:${params.id}:read`;
const seen = ({ auth }: { auth?: Auth }) => auth;

export async function expressApi(guard: Guard): Promise<GuardedApi> {
  const { requireScope, requireToken } = expressGuard(guard);
  const api = express();
  api.use(express.urlencoded());
  api.all('/token', requireToken(), (request, response) => void response.json(request.auth));
  api.get('/books/:id', requireScope<Request<{ id: string }>>(readBook), (request, response) => {
    response.json(seen(request));
  });
  api.get('/both', requireScope('book:read', 'page:1:read'), (request, response) => {
    response.json(seen(request));
  });
  const server = api.listen(0, '127.0.0.1');
  await new Promise((resolve) => server.once('listening', resolve));
  const close = () => new Promise((resolve) => server.close(resolve));
  return { port: (server.address() as AddressInfo).port, close };
}

export async function fastifyApi(guard: Guard): Promise<GuardedApi> {
  const { requireScope, requireToken } = fastifyGuard(guard);
  const api = fastify();
  const onBook = requireScope<FastifyRequest<{ Params: { id: string } }>>(readBook);
  api.all('/token', { onRequest: requireToken() }, async (request) => request.auth);
  api.get<{ Params: { id: string } }>('/books/:id', { onRequest: onBook }, async (request) => seen(request));
  api.get('/both', { preHandler: requireScope('book:read', 'page:1:read') }, async (request) =>
    seen(request),
  );
  await api.listen({ port: 0, host: '127.0.0.1' });
  return { port: (api.server.address() as AddressInfo).port, close: () => api.close() };
}

export async function nestApi(guard: Guard): Promise<GuardedApi> {
  const { requireScope, requireToken } = nestGuard(guard, HttpException);

  @Controller()
  class Books {
    @Get('token')
    @UseGuards(requireToken())
    token(@Req() request: FastifyRequest) {
      return seen(request);
    }

    @Get('books/:id')
    @UseGuards(requireScope<FastifyRequest & WithId>(readBook))
    book(@Req() request: FastifyRequest) {
      return seen(request);
    }

    @Get('both')
    @UseGuards(requireScope('book:read', 'page:1:read'))
    both(@Req() request: FastifyRequest) {
      return seen(request);
    }
  }

  @Module({ controllers: [Books] })
  class ApiModule {}

  const app = await NestFactory.create<NestFastifyApplication>(ApiModule, new FastifyAdapter(), {
    logger: false,
  });
  await app.listen(0, '127.0.0.1');
  return { port: (app.getHttpServer().address() as AddressInfo).port, close: () => app.close() };
}
