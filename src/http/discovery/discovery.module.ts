import { Module } from '@nestjs/common';
import { ConfigModule } from '../../config/config.module.js';
import { KeysModule } from '../../keys/keys.module.js';
import { TokensModule } from '../../tokens/tokens.module.js';
import { DiscoveryController } from './discovery.controller.js';

/** Metadata documents and the JWK Set. */
@Module({ imports: [ConfigModule, KeysModule, TokensModule], controllers: [DiscoveryController] })
export class DiscoveryModule {}
