import { createParamDecorator, type ExecutionContext, type PipeTransform } from '@nestjs/common';
import { MembersReading } from '../../../administration/documents/members.js';
import type { JsonObject } from '../../../administration/documents/merge-patch.js';
import type { AdminRequest } from '../caller/admin-request.js';
import { type BodyBounds, type BodyRequest, readBody, readOptionalBody } from './body-reader.js';

/** The body of the request, parsed by a pipe: after the guards, so that only a permitted caller makes the server parse. */
export const RequestBody = createParamDecorator(
  (_: unknown, context: ExecutionContext): BodyRequest => context.switchToHttp().getRequest<AdminRequest>(),
);

/** The document of a write or a question. */
export class DocumentPipe implements PipeTransform<BodyRequest, JsonObject> {
  transform(request: BodyRequest): JsonObject {
    return readBody(request);
  }
}

/** The members of an operation, whose body may be omitted. */
export class OperationPipe<T extends object> implements PipeTransform<BodyRequest, T> {
  constructor(private readonly type: new () => T) {}

  transform(request: BodyRequest): T {
    return new MembersReading(this.type, readOptionalBody(request)).take();
  }
}

/** A body that is parsed only once the use case has checked a permission that depends on what is stored. */
export class UnreadBody {
  constructor(private readonly request: BodyRequest) {}

  read(bounds?: BodyBounds): JsonObject {
    return readBody(this.request, bounds);
  }
}

export class UnreadBodyPipe implements PipeTransform<BodyRequest, UnreadBody> {
  transform(request: BodyRequest): UnreadBody {
    return new UnreadBody(request);
  }
}
