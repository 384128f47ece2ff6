import { Module } from '@nestjs/common';
import { AccessTokenGuard } from './access-token.guard.js';
import { Settings } from './settings.js';
import { TokenVerifier } from './token-verifier.js';
import { WorldMappersController } from './world-mappers.controller.js';

@Module({
  controllers: [WorldMappersController],
  providers: [
    { provide: Settings, useFactory: () => new Settings(process.env) },
    TokenVerifier,
    AccessTokenGuard,
  ],
})
export class AppModule {}
