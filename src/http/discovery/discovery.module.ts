import { Module } from '@nestjs/common';
import { ConfigModule } from '../../config/config.module.js';
import { KeysModule } from '../../keys/keys.module.js';
import { ResourcesModule } from '../../resources/resources.module.js';
import { TokensModule } from '../../tokens/tokens.module.js';
import { DecisionPointMetadataController } from './decision-point.controller.js';
import { DiscoveryController } from './discovery.controller.js';
import { PreflightController } from './preflight.controller.js';
import { ProtectedResourceController } from './protected-resource.controller.js';

/** Metadata documents and the JWK Set. */
@Module({
  imports: [ConfigModule, KeysModule, ResourcesModule, TokensModule],
  controllers: [
    DiscoveryController,
    ProtectedResourceController,
    DecisionPointMetadataController,
    PreflightController,
  ],
})
export class DiscoveryModule {}
