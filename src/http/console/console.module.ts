import { Module } from '@nestjs/common';
import { ConfigModule } from '../../config/config.module.js';
import { ConsoleController } from './console.controller.js';
import { ConsoleFiles } from './console-files.js';

@Module({
  imports: [ConfigModule],
  controllers: [ConsoleController],
  providers: [ConsoleFiles],
})
export class ConsoleModule {}
