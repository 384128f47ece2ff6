import { Module } from '@nestjs/common';
import { ConfigModule } from '../../config/config.module.js';
import { KeysModule } from '../../keys/keys.module.js';
import { ResourcesModule } from '../../resources/resources.module.js';
import { TokensModule } from '../../tokens/tokens.module.js';
import { DecisionPointMetadataController } from './decision-point.controller.js';
import { DiscoveryController } from './discovery.controller.js';
import { OpenApiController } from './openapi.controller.js';
import { OpenApiDocument } from './openapi-document.js';
import { PreflightController } from './preflight.controller.js';
import { ProtectedResourceController } from './protected-resource.controller.js';

/** Metadata documents, the JWK Set, and the description of the endpoints. */
@Module({
  imports: [ConfigModule, KeysModule, ResourcesModule, TokensModule],
  controllers: [
    DiscoveryController,
    ProtectedResourceController,
    DecisionPointMetadataController,
    PreflightController,
    OpenApiController,
  ],
  providers: [OpenApiDocument],
})
export class DiscoveryModule {}
